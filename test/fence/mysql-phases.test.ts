import type { ClusterEvents } from '@quiesce/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases, fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { nodeProcesses } from '../support/node-process.ts'
import type { RawConnection } from '../support/raw-connection.ts'

const family = databases.filter((kind) => kind !== 'postgres')
/** The test command has one of each on either product; a long run all of them. */
const share = { mysql: ['raising', 'draining'], mariadb: ['standing', 'raising'] } as const
const killedIn = (kind: 'mysql' | 'mariadb') =>
  isLong ? (['raising', 'standing', 'lowering'] as const) : [share[kind][0]]
const cancelledIn = (kind: 'mysql' | 'mariadb') =>
  isLong ? (['draining', 'raising', 'standing'] as const) : [share[kind][1]]

describe.each(family)('on %s', (kind) => {
  const processes = nodeProcesses()
  let db: TestDatabase
  let other: RawConnection

  beforeEach(async () => {
    db = await testDatabase('phases', kind)
    other = await db.connect('other')
    for (const name of ['a', 'b', 'c']) await db.query(`CREATE TABLE ${name} (id int PRIMARY KEY, v int)`)
    for (const name of ['a', 'b', 'c']) await db.query(`INSERT INTO ${name} VALUES (1, 1)`)
  })
  afterEach(async () => {
    await processes.endAll()
    await other.end()
    await db.drop()
  })

  /** Everything of a fence that is in the catalog. */
  const pieces = async (): Promise<number> => {
    const rows = await db.query(
      `SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
        UNION ALL SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()`,
    )
    return rows.filter(({ name }) => String(name).startsWith('quiesce_')).length
  }
  const nothingLeft = async (): Promise<void> => {
    await eventually('nothing is left', async () => (await pieces()) === 0, 30_000)
    for (const name of ['a', 'b', 'c']) await db.query(`UPDATE ${name} SET v = v + 1`)
    expect((await db.state()).mode).toBe('read-write')
  }

  test.each(killedIn(kind))(
    'a holder that is killed while its fence is %s leaves nothing (catches a fence without a janitor)',
    async (phase) => {
      const witness = db.cluster()
      await witness.start()
      const holder = processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions })
      await holder.call('start')
      const block = async (sql: string): Promise<void> => {
        await other.query('START TRANSACTION')
        await other.query(sql)
      }
      if (phase === 'raising') await block('UPDATE c SET v = 2')
      const freezing = holder.call('freeze', { reason: 'x', awaitServer: false })
      freezing.catch(() => {})
      if (phase === 'raising') await eventually('some of it stands', async () => (await pieces()) > 3)
      else await freezing
      if (phase === 'lowering') {
        await block('SELECT * FROM c')
        holder.call('thaw').catch(() => {})
        await eventually('writes pass', () =>
          db.query('UPDATE a SET v = 3').then(
            () => true,
            () => false,
          ),
        )
      }
      await holder.kill()
      await other.query('COMMIT')
      await nothingLeft()
    },
  )

  test.each(cancelledIn(kind))(
    'a freeze that is cancelled while it is %s leaves nothing (catches what is half done)',
    async (phase) => {
      const controller = new AbortController()
      const cluster = db.cluster({ freezeLeaseMs: 20_000 })
      await cluster.start()
      const onFence = ({ phase: now, done }: ClusterEvents['fence']): void => {
        if (phase === 'raising' && now === 'raising' && done > 0) controller.abort()
      }
      cluster.on('fence', onFence)
      cluster.on('freezing', () => phase === 'draining' && controller.abort())
      await other.query('START TRANSACTION')
      if (phase === 'raising') await other.query('UPDATE c SET v = 2')
      const freezing = cluster.freeze({ reason: 'x', fence: 'required', awaitServer: false, signal: controller.signal })
      if (phase === 'standing') {
        // Nothing of it is begun any more: its end is the thaw.
        const freeze = await freezing
        controller.abort()
        await expect(db.query('UPDATE a SET v = 3')).rejects.toThrow('quiesce fence:')
        await freeze.thaw()
      } else await expect(freezing).rejects.toMatchObject({ kind: 'QUIESCE_ABORTED' })
      await other.query('COMMIT')
      await nothingLeft()
    },
  )
})
