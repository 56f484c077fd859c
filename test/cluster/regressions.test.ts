import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCluster } from '@quiesce/core'
import { startPostgres, wantedDatabases } from '@quiesce/test-servers'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases, fastOptions, insertEntry, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { flavourOf } from '../support/flavour.ts'
import { nodeProcesses } from '../support/node-process.ts'
import { quietPool } from '../support/quiet-pool.ts'

const processes = nodeProcesses()
let db: TestDatabase

describe.each(databases)('on %s', (kind) => {
  const { table } = flavourOf(kind)
  beforeEach(async () => {
    db = await testDatabase('regressions', kind)
  })
  afterEach(async () => {
    await processes.endAll()
    await db.drop()
  })

  test('a holder whose lease lapsed can still thaw the freeze that was kept for it', async () => {
    const [holder, node] = [db.cluster(), db.cluster()]
    await node.start()
    const freeze = await holder.freeze({ reason: 'x', onHolderLost: 'stay' })
    await db.query(`UPDATE ${table('freeze')} SET lease_until = begun_at`)
    await eventually(
      'it is kept',
      async () => (await db.query(`SELECT 1 FROM ${table('freeze')} WHERE lease_until IS NULL`)).length === 1,
    )
    expect(await freeze.thaw()).toEqual({ changed: true })
    await eventually('writes are back', () => node.state.mode === 'read-write')
  })

  test('close() aborts a freeze that is being made, and leaves nothing frozen', async () => {
    const writer = processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions })
    await writer.call('start')
    await writer.call('openTransaction', insertEntry())
    const holder = db.cluster()
    const freezing = holder
      .freeze({ reason: 'x', drainTimeoutMs: 20_000, ackTimeoutMs: 30_000 })
      .catch((error: unknown) => error)
    await eventually('it drains', async () => (await db.state()).mode === 'draining')
    await holder.close()
    expect(await freezing).toMatchObject({ kind: 'QUIESCE_ABORTED' })
    expect((await db.state()).mode).toBe('read-write')
    await writer.call('commitTransaction')
  })

  test('clients are told a new end when a freeze is extended', async () => {
    const [holder, node] = [db.cluster(), db.cluster()]
    await node.start()
    const freeze = await holder.freeze({ reason: 'x', expectedEnd: new Date(Date.now() + 1000) })
    const end = new Date(Date.now() + 3_600_000)
    await freeze.extend({ expectedEnd: end })
    const told = (): Date | undefined => {
      try {
        node.assertWritable('mail')
      } catch (error) {
        return (error as { expectedEnd?: Date }).expectedEnd
      }
      return undefined
    }
    await eventually('the node tells it', () => Math.abs((told()?.getTime() ?? 0) - end.getTime()) < 2)
    await freeze.thaw()
  })

  test('a cluster object that was never started does not join by thawing', async () => {
    const holder = db.cluster()
    const { id } = await holder.freeze({ reason: 'x', kind: 'operator', owner: 'ann' })
    await db.cluster().thaw(id, { owner: 'ann' })
    expect(await holder.nodes()).toHaveLength(1)
  })
})

if (wantedDatabases().includes('postgres')) {
  describe('on postgres', () => {
    beforeEach(async () => {
      db = await testDatabase('regressions')
    })
    afterEach(() => db.drop())

    test('a freeze waits for a table that is being created (catches a writer whose table has no name yet)', async () => {
      const other = await db.connect()
      await other.query('BEGIN')
      await other.query('CREATE TABLE fresh AS SELECT 1 AS n')
      const failure = db.cluster().freeze({ reason: 'x', drainTimeoutMs: 300, ackTimeoutMs: 2000 })
      await expect(failure).rejects.toMatchObject({ kind: 'QUIESCE_DRAIN_TIMEOUT', writers: [{ tables: [] }] })
      await other.query('ROLLBACK')
      await other.end()
    })

    test('a freeze that failed while the database was stuck is undone when it answers again', async () => {
      const holder = db.cluster()
      const other = await db.connect()
      await holder.start()
      await other.query('BEGIN')
      await other.query(insertEntry())
      const freezing = holder.freeze({ reason: 'x', kind: 'operator', drainTimeoutMs: 5000, ackTimeoutMs: 6000 })
      await eventually('it drains', async () => (await db.state()).mode === 'draining')
      const stuck = await db.connect()
      await stuck.query('BEGIN')
      await stuck.query('SELECT 1 FROM quiesce.quiesce_cluster FOR UPDATE')
      await other.query('COMMIT')
      await expect(freezing).rejects.toThrow()
      await stuck.query('COMMIT')
      await eventually('nothing is frozen', async () => (await db.state()).mode === 'read-write')
      await Promise.all([other.end(), stuck.end()])
    })

    test('a pool with a password can be given (catches a password that a copy of the options leaves out)', async () => {
      await using server = await startPostgres()
      const admin = new pg.Client({ connectionString: server.url })
      await admin.connect()
      await admin.query(`CREATE ROLE app LOGIN SUPERUSER PASSWORD 'secret'`)
      const hba = join(server.dataDir, 'pg_hba.conf')
      const trusted = readFileSync(hba, 'utf8')
      writeFileSync(hba, 'host all app all scram-sha-256\n')
      appendFileSync(hba, trusted)
      await admin.query('SELECT pg_reload_conf()')
      await admin.end()
      const { hostname: host, port } = new URL(server.url)
      const pool = quietPool({ host, port: Number(port), user: 'app', password: 'secret', database: 'postgres' })
      const cluster = createCluster({ database: pool, ...fastOptions })
      await cluster.migrate()
      await cluster.start()
      await cluster.close()
      await pool.end()
    })
  })
}
