import { commit, newFreeze, nodeIdentity, nodeReport, type StoreSubject, storeSubject } from '@quiesce/core/testing'
import { freshDatabase, startFaultProxy } from '@quiesce/test-servers'
import mysql from 'mysql2/promise'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { chooseDialect } from '../../packages/core/src/dialects/choose-dialect.ts'
import { eventually } from '../support/eventually.ts'
import { mysqlFamily } from './products.ts'

const servers = [
  ['mysql', inject('mysqlUrl')],
  ['mariadb', inject('mariadbUrl')],
] as const

const connection = {
  applicationName: 'x',
  connectionTimeoutMs: 5000,
  statementTimeoutMs: 3000,
  poolSize: 1,
  ownSessions: true,
} as const

// Left out only where QUIESCE_TEST_DATABASES says so.
describe.each(servers)('%s', (product, serverUrl) => {
  describe.skipIf(serverUrl === undefined)('server', () => {
    let subject: StoreSubject
    let drop: () => Promise<void>

    beforeEach(async () => {
      const database = await freshDatabase(serverUrl, 'servers')
      subject = await storeSubject(database.url, mysqlFamily, chooseDialect)
      drop = async () => {
        await subject.close()
        await database.drop()
      }
    })
    afterEach(() => drop())

    const databaseName = (): string => new URL(subject.url).pathname.slice(1)

    test('ends a session while it is idle: the next transition has another one (catches a run that fails for it)', async () => {
      const executor = chooseDialect(subject.url)?.connect(subject.url, connection)
      if (executor?.shortTransaction === undefined) throw new Error('no dialect')
      const other = await mysql.createConnection(subject.url)
      const asked = `SELECT connection_id() AS id`
      const idOf = async (): Promise<unknown> =>
        executor.shortTransaction?.(async (one) => (await one.execute(asked)).rows[0]?.['id'])
      for (let round = 0; round < 5; round += 1) {
        const id = await idOf()
        const killed = other.query(`KILL ${id}`)
        // The server has done it by then, and no driver of this process has heard of it.
        blockEventLoop(50)
        expect(await idOf()).not.toBe(id)
        await killed
      }
      await Promise.all([executor.close(), other.end()])
    })

    test('is known by its version, whatever the URL says', async () => {
      for (const scheme of ['mysql', 'mariadb']) {
        const url = subject.url.replace(/^\w+/, scheme)
        const dialect = chooseDialect(url)
        const executor = dialect?.connect(url, connection)
        if (executor === undefined) throw new Error('no dialect')
        expect(await dialect?.grammarOf?.(executor)).toBe(product)
        await executor.close()
        const store = subject.store({ database: url })
        await store.migrate()
        await store.ensureCluster()
        const { database } = await store.read()
        expect(database).toMatch(new RegExp(`${product === 'mysql' ? '^[0-9a-f-]{36}' : '/\\d+'}/${databaseName()}$`))
      }
    })

    test('a pool of the application is used for where it leads to only, and never for its connections', async () => {
      const pool = mysql.createPool({
        uri: subject.url,
        connectionLimit: 1,
        dateStrings: true,
        timezone: '+05:00',
        flags: ['-FOUND_ROWS'],
      })
      const taken = await pool.getConnection()
      await taken.query(`SET SESSION autocommit = 0, time_zone = '+05:00', sql_mode = 'ANSI_QUOTES'`)
      const store = subject.store({ database: pool })
      await store.migrate()
      await store.ensureCluster()
      expect(await commit(store, { begin: newFreeze({ leaseMs: 5000 }), mode: 'draining' })).toBe(true)
      const [freeze] = (await store.read()).freezes
      expect(freeze?.leaseRemainingMs).toBeGreaterThan(4000)
      expect(freeze?.leaseRemainingMs).toBeLessThanOrEqual(5000)
      expect(Math.abs(Date.now() - (freeze?.since.getTime() ?? 0))).toBeLessThan(5000)
      taken.release()
      await pool.end()
    })

    test('that takes no writes is no primary, and says so to who writes', async () => {
      const store = subject.store()
      await store.migrate()
      await store.ensureCluster()
      await subject.plain.query('CREATE USER IF NOT EXISTS quiesce_plain')
      await subject.plain.query(`GRANT ALL ON \`${databaseName()}\`.* TO quiesce_plain`)
      const url = new URL(subject.url)
      url.username = 'quiesce_plain'
      const unprivileged = subject.store({ database: url.href })
      const { token } = await unprivileged.read()
      await subject.plain.query('SET GLOBAL read_only = 1')
      try {
        expect(await unprivileged.read()).toMatchObject({ token, primary: false })
        await expect(unprivileged.join(nodeIdentity())).rejects.toMatchObject({
          kind: 'QUIESCE_DATABASE',
          message: expect.stringContaining('read-only'),
        })
        await expect(commit(unprivileged, {})).rejects.toMatchObject({ kind: 'QUIESCE_DATABASE' })
      } finally {
        await subject.plain.query('SET GLOBAL read_only = 0')
      }
      expect(await unprivileged.read()).toMatchObject({ token, primary: true })
    })

    test('where the user may see no other transactions, nothing is said of them, and what is to be granted is', async () => {
      await subject.plain.query('CREATE USER IF NOT EXISTS quiesce_blind')
      await subject.plain.query(`GRANT ALL ON \`${databaseName()}\`.* TO quiesce_blind`)
      const url = new URL(subject.url)
      url.username = 'quiesce_blind'
      const store = subject.store({ database: url.href })
      await store.migrate()
      expect(await store.openWriters()).toBeUndefined()
      const warnings = (await store.warnings?.()) ?? []
      expect(warnings.join()).toMatch(product === 'mysql' ? /metadata_locks/ : /PROCESS/)
      // The tests' own servers don't flush at each commit.
      expect(warnings.join()).toMatch(/innodb_flush_log_at_trx_commit is 2/)
      expect((await subject.store().warnings?.())?.join()).not.toMatch(/Grant|GRANT/)
    })

    test('a user who may not create the tables is told so', async () => {
      await subject.plain.query('CREATE USER IF NOT EXISTS quiesce_reader')
      await subject.plain.query(`GRANT SELECT ON \`${databaseName()}\`.* TO quiesce_reader`)
      const url = new URL(subject.url)
      url.username = 'quiesce_reader'
      const store = subject.store({ database: url.href })
      await expect(store.migrate()).rejects.toMatchObject({
        kind: 'QUIESCE_DATABASE',
        message: expect.stringContaining('privilege'),
      })
      url.username = 'nobody_at_all'
      await expect(subject.store({ database: url.href }).read()).rejects.toMatchObject({
        kind: 'QUIESCE_DATABASE',
        message: expect.stringContaining('cannot be reached'),
      })
      url.username = 'root'
      url.pathname = '/no_such_database'
      for (const call of ['migrate', 'schemaVersion', 'read'] as const) {
        await expect(subject.store({ database: url.href })[call]()).rejects.toMatchObject({
          kind: 'QUIESCE_DATABASE',
          message: expect.stringContaining('does not exist'),
        })
      }
      await expect(subject.store({ database: subject.url.replace(/[^/]*$/, '') }).read()).rejects.toMatchObject({
        kind: 'QUIESCE_DATABASE',
        message: expect.stringContaining('no database'),
      })
    })

    test('a prepared XA transaction is an open writer for as long as it is undecided', async () => {
      const store = subject.store()
      await store.migrate()
      await subject.plain.query('CREATE TABLE entry (id int PRIMARY KEY, n int)')
      const session = await mysqlFamily.open(subject.url)
      const xid = `'${databaseName()}'`
      for (const sql of [`XA START ${xid}`, 'INSERT INTO entry VALUES (1, 1)', `XA END ${xid}`, `XA PREPARE ${xid}`])
        await session.query(sql)
      await session.close()
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(await store.openWriters()).toMatchObject([{ pid: 0, application: 'prepared XA transaction' }])
      await subject.plain.query(`XA ROLLBACK ${xid}`)
      await eventually('it is gone', async () => (await store.openWriters())?.length === 0, 2000)
    })

    test('that does not answer is given up on in time, and used again when it does', async () => {
      const url = new URL(subject.url)
      const proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) })
      const store = subject.store({ database: proxy.url(subject.url) })
      await store.migrate()
      await store.ensureCluster()
      const node = nodeIdentity()
      await store.join(node)
      proxy.pause()
      const startedAt = performance.now()
      await expect(store.beat(node.id, nodeReport())).rejects.toMatchObject({ kind: 'QUIESCE_DATABASE' })
      expect(performance.now() - startedAt).toBeLessThan(4000)
      proxy.resume()
      expect(await store.beat(node.id, nodeReport())).toMatchObject({ registered: true })
      proxy.pause()
      const closingAt = performance.now()
      await store.close()
      expect(performance.now() - closingAt).toBeLessThan(2000)
      await proxy.close()
    })

    test('tells who holds a row when its connection breaks', async () => {
      const store = subject.store()
      await store.migrate()
      const holding = store.holdRow(
        { name: 'row', wait: 1000 },
        (lost) => new Promise((resolve) => lost.addEventListener('abort', () => resolve('told'))),
      )
      const broken = expect(holding).rejects.toThrow()
      await eventually(
        'it is held',
        async () => (await subject.store().holdRow({ name: 'row', wait: 'nowait' }, async () => 1)) === undefined,
      )
      const sessions = await subject.plain.query(
        `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()`,
      )
      for (const { id } of sessions) await subject.plain.query(`KILL ${id}`).catch(() => {})
      await broken
      expect(await subject.store().holdRow({ name: 'row', wait: 1000 }, async () => 2)).toEqual({ value: 2 })
    })

    test('judges a freeze that is confirmed by the clock after it has waited for its row', async () => {
      const store = subject.store()
      await store.migrate()
      await store.ensureCluster()
      const freeze = newFreeze({ leaseMs: 600 })
      await commit(store, { begin: freeze, mode: 'draining' })
      const blocker = await subject.session()
      await blocker.query('BEGIN')
      await blocker.query('SELECT * FROM quiesce_freeze FOR UPDATE')
      const confirming = commit(store, { confirm: [freeze.id], mode: 'read-only' })
      await new Promise((resolve) => setTimeout(resolve, 800))
      await blocker.query('COMMIT')
      expect(await confirming).toBe(false)
      expect((await store.read()).mode).toBe('draining')
    })

    test('of Quartz tells its schedulers', async () => {
      const store = subject.store()
      await store.migrate()
      expect(await store.quartzSchedulers({ prefix: 'QRTZ_' })).toEqual([])
      await subject.plain.query(
        'CREATE TABLE QRTZ_SCHEDULER_STATE (SCHED_NAME varchar(120), INSTANCE_NAME varchar(190), LAST_CHECKIN_TIME bigint, CHECKIN_INTERVAL bigint)',
      )
      await subject.plain.query(
        `INSERT INTO QRTZ_SCHEDULER_STATE VALUES ('s', 'live', ${Date.now() - 1000}, 7500), ('s', 'dead', 1000, 7500)`,
      )
      const schedulers = await store.quartzSchedulers({ prefix: 'QRTZ_' })
      expect(schedulers).toMatchObject([{ instance: 'dead' }, { instance: 'live', checkinIntervalMs: 7500 }])
      expect(schedulers[1]?.checkinAgeMs).toBeGreaterThan(900)
      expect(schedulers[1]?.checkinAgeMs).toBeLessThan(20_000)
    })
  })
})

function blockEventLoop(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
