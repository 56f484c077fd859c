import { createCluster } from '@quiesce/core'
import { gateOf } from '@quiesce/core/adapter'
import { type Pgbouncer, startPgbouncer } from '@quiesce/test-servers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fastOptions, insertEntry, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { nodeProcesses } from '../support/node-process.ts'
import { quietPool } from '../support/quiet-pool.ts'

const processes = nodeProcesses()
let db: TestDatabase
let pooler: Pgbouncer

beforeEach(async () => {
  db = await testDatabase('pooler')
  pooler = await startPgbouncer(db.url, { poolMode: 'transaction' })
})
afterEach(async () => {
  await processes.endAll()
  await pooler.stop()
  await db.drop()
})

test('everything but notifications works through a pooler in transaction mode (catches state that is kept in a session)', async () => {
  const cluster = { ...fastOptions, listen: false, lock: { leaseMs: 1000 } }
  const settings = { url: pooler.url, guard: 'driver', cluster } as const
  const [holder, node] = [processes.spawn(settings), processes.spawn(settings)]
  await Promise.all([holder.call('start'), node.call('start')])
  for (let round = 0; round < 5; round += 1) {
    await holder.call('freeze', { reason: 'x' })
    await expect(node.call('write', insertEntry())).rejects.toMatchObject({ kind: 'QUIESCE_READ_ONLY' })
    expect(await holder.call('thaw')).toEqual({ changed: true })
    const canWrite = (): Promise<boolean> =>
      node.call('write', insertEntry()).then(
        () => true,
        () => false,
      )
    await eventually('writes are back', canWrite, 1000)
  }
  expect(await holder.call('lock', 'job')).toEqual({ token: '1' })
  const own = createCluster({ database: pooler.url, ...cluster })
  await expect(own.lock('job', { retries: 0 })).rejects.toMatchObject({ kind: 'QUIESCE_LOCK_HELD' })
  expect(await own.withTransactionLock('short', () => 'done')).toBe('done')
  await holder.call('freeze', { reason: 'y' })
  await holder.kill()
  await eventually('the node takes over', () =>
    node.call('write', insertEntry()).then(
      () => true,
      () => false,
    ),
  )
  expect((await own.lock('job')).token).toBe('2')
  await own.close()
})

test('the belt stays off behind a pooler, and says so (catches a setting that leaks into other programs)', async () => {
  const cluster = db.cluster({ belt: 'session', listen: false })
  const warnings: string[] = []
  cluster.on('warning', ({ message }) => warnings.push(message))
  await cluster.start()
  const pool = quietPool({ connectionString: pooler.url, max: 2 })
  gateOf(cluster).wearBelt(pool)
  const freeze = await cluster.freeze({ reason: 'x' })
  const { rows } = await pool.query('SHOW default_transaction_read_only')
  expect(rows).toEqual([{ default_transaction_read_only: 'off' }])
  expect(warnings).toEqual([expect.stringContaining('a pooler stands between')])
  await freeze.thaw()
  await pool.end()
})
