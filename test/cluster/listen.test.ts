import { gateOf } from '@quiesce/core/adapter'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'

let db: TestDatabase

beforeEach(async () => {
  db = await testDatabase('listen')
})
afterEach(() => db.drop())

test('a listening connection that is killed, or that hears nothing, delays a freeze by one poll and no more', async () => {
  const deaf = db.cluster({ listen: false })
  const cut = db.cluster()
  const holder = db.cluster()
  await Promise.all([deaf.start(), cut.start(), holder.start()])
  const kill = (): Promise<unknown> =>
    db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()`,
    )
  await eventually('there is something to kill', async () => ((await kill()) as unknown[]).length > 0)
  const freeze = await holder.freeze({ reason: 'x', awaitServer: false })
  expect(freeze.timings.ackedMs).toBeLessThan(fastOptions.pollIntervalMs * 1.1 + 250)
  for (const cluster of [deaf, cut]) expect(gateOf(cluster).mode).not.toBe('read-write')
  await freeze.thaw()
  await eventually(
    'they listen again',
    async () =>
      (await db.query(`SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()`))
        .length === 2,
  )
})
