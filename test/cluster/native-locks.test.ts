import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases, fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { nodeProcesses } from '../support/node-process.ts'

const processes = nodeProcesses()
let db: TestDatabase

describe.each(databases)('on %s', (kind) => {
  beforeEach(async () => {
    db = await testDatabase('native-locks', kind)
  })
  afterEach(async () => {
    await processes.endAll()
    await db.drop()
  })

  describe('transaction locks', () => {
    test('are held by one at a time, from their first use on (catches a lock on a row that is not there)', async () => {
      await db.query('CREATE TABLE counter (n int)')
      await db.query('INSERT INTO counter VALUES (0)')
      const work = Array.from({ length: 6 }, async () => {
        const cluster = db.cluster()
        for (let i = 0; i < 5; i += 1) {
          await cluster.withTransactionLock(
            'counter',
            async () => {
              const [row] = await db.query('SELECT n FROM counter')
              await db.query('UPDATE counter SET n = ?', [row?.['n'] + 1])
            },
            { wait: 20_000 },
          )
        }
      })
      await Promise.all(work)
      expect(await db.query('SELECT n FROM counter')).toEqual([{ n: 30 }])
    })

    test.each(['nowait', 'skip-locked', 150] as const)(
      'with a wait of %s give up in time, and say so',
      async (wait) => {
        const [holder, loser] = [db.cluster(), db.cluster()]
        await holder.withTransactionLock('job', async () => {
          const startedAt = performance.now()
          await expect(loser.withTransactionLock('job', () => 1, { wait })).rejects.toMatchObject({
            kind: 'QUIESCE_LOCK_HELD',
            data: { name: 'job', wait },
          })
          expect(performance.now() - startedAt).toBeLessThan(1500)
        })
        expect(await loser.withTransactionLock('job', () => 'mine', { wait })).toBe('mine')
      },
    )

    test('are freed by the server when their holder is killed', async () => {
      const holder = processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions })
      await holder.call('holdTransactionLock', 'job')
      const next = db.cluster()
      await expect(next.withTransactionLock('job', () => 1, { wait: 'nowait' })).rejects.toMatchObject({
        kind: 'QUIESCE_LOCK_HELD',
      })
      await holder.kill()
      expect(await next.withTransactionLock('job', () => 'mine', { wait: 3000 })).toBe('mine')
    })

    test('tell their holder when the connection breaks (catches the driver’s error at the caller)', async () => {
      const cluster = db.cluster()
      const lost = cluster.withTransactionLock('job', async (signal) => {
        await db.flavour.killTransactions(db.query)
        await eventually('it is told', () => signal.aborted)
        return 'told'
      })
      await expect(lost).rejects.toMatchObject({
        ...{ kind: 'QUIESCE_LEASE_LOST', data: { name: 'job' }, cause: expect.any(Error) },
        message: expect.stringMatching(/"job" was lost before its work had ended .*somebody else may have had it/),
      })
    })

    test('are shared with a program that locks rows of its own table', async () => {
      await db.query('CREATE TABLE metabase_cluster_lock (lock_name varchar(254) PRIMARY KEY)')
      const other = await db.connect()
      const table = { table: 'metabase_cluster_lock', nameColumn: 'lock_name' }
      const cluster = db.cluster()
      await cluster.withTransactionLock(
        'migration',
        async () => {
          await other.query('BEGIN')
          await other.query(db.flavour.shortLockWait)
          await expect(
            other.query(`SELECT lock_name FROM metabase_cluster_lock WHERE lock_name = 'migration' FOR UPDATE`),
          ).rejects.toThrow()
          await other.query('ROLLBACK')
        },
        { table },
      )
      await other.query('BEGIN')
      await other.query(`SELECT lock_name FROM metabase_cluster_lock WHERE lock_name = 'migration' FOR UPDATE`)
      await expect(cluster.withTransactionLock('migration', () => 1, { table, wait: 'nowait' })).rejects.toMatchObject({
        kind: 'QUIESCE_LOCK_HELD',
      })
      await other.query('COMMIT')
      await other.end()
    })

    test('pass the errors of the work through, and give the lock back', async () => {
      const cluster = db.cluster()
      await expect(cluster.withTransactionLock('job', () => Promise.reject(new Error('boom')))).rejects.toThrow('boom')
      expect(await cluster.withTransactionLock('job', () => 2, { wait: 'nowait' })).toBe(2)
    })

    test('do not meet those of another namespace; bad requests are refused at once', async () => {
      const [a, b] = [db.cluster({ namespace: 'a' }), db.cluster({ namespace: 'b' })]
      await a.withTransactionLock('job', () => b.withTransactionLock('job', () => 1, { wait: 'nowait' }))
      await expect(a.withTransactionLock('', () => 1)).rejects.toMatchObject({ kind: 'QUIESCE_CONFIG' })
      await expect(a.withTransactionLock('x', () => 1, { wait: 0 })).rejects.toMatchObject({ kind: 'QUIESCE_CONFIG' })
    })
  })

  describe('lock clean-up', () => {
    test('frees those of this process, those that are proven dead, and one by name with force; each is recorded', async () => {
      const [a, b] = [db.cluster(), db.cluster()]
      await Promise.all([a.start(), b.start()])
      await a.lock('mine')
      await b.lock('theirs')
      expect((await a.releaseLocks({ own: true })).map(({ name }) => name)).toEqual(['mine'])
      expect(await a.releaseLocks({ dead: true })).toEqual([])
      const dead = processes.spawn({
        url: db.url,
        guard: 'driver',
        cluster: { ...fastOptions, lock: { leaseMs: 300 } },
      })
      await dead.call('start')
      await dead.call('lock', 'dead')
      await dead.kill()
      await eventually('it is proven dead', async () =>
        (await a.releaseLocks({ dead: true })).some(({ name }) => name === 'dead'),
      )
      expect(() => a.releaseLocks({ name: 'theirs' } as never)).toThrow(/force/)
      expect(
        (await a.releaseLocks({ name: 'theirs', force: true, reason: 'it hangs' })).map(({ name }) => name),
      ).toEqual(['theirs'])
      expect((await b.lock('theirs', { retries: 0 })).token).toBe('2')
      const released = (await a.history())
        .filter(({ type }) => type === 'lock-released')
        .map(({ detail }) => [detail['lock'], detail['why'], detail['reason'] ?? null])
      expect(released.sort()).toEqual([
        ['dead', 'dead', null],
        ['mine', 'holder', null],
        ['theirs', 'name', 'it hangs'],
      ])
    })

    test('never touches another namespace', async () => {
      const [a, b] = [db.cluster({ namespace: 'a' }), db.cluster({ namespace: 'b' })]
      await b.lock('job')
      expect(await a.releaseLocks({ name: 'job', force: true, reason: 'x' })).toEqual([])
      expect((await b.locks())[0]?.holder).toBeDefined()
    })
  })

  describe('detection', () => {
    // Unquoted on PostgreSQL, which folds it; upper case in Quartz's script for MySQL, where it is case-sensitive.
    const quartzTable = 'QRTZ_SCHEDULER_STATE'
    const quartz = `CREATE TABLE ${quartzTable} (sched_name varchar(120) NOT NULL, instance_name varchar(200) NOT NULL,
    last_checkin_time bigint NOT NULL, checkin_interval bigint NOT NULL, PRIMARY KEY (sched_name, instance_name))`
    const checkIn = (name: string, agoMs: number) =>
      db.query(`INSERT INTO ${quartzTable} VALUES ('s', ?, ?, 7500)`, [name, Date.now() - agoMs])

    test('counts Quartz schedulers that check in, and not the rows of dead ones', async () => {
      await db.query(quartz)
      const cluster = db.cluster({ detect: { quartz: {} } })
      expect(await cluster.isCluster()).toBe(false)
      await checkIn('alive-1', 1000)
      await checkIn('alive-2', 14_000)
      await checkIn('dead', 16_000)
      expect(await cluster.members()).toMatchObject({
        count: 2,
        unregistered: 2,
        quartz: { alive: [{ instance: 'alive-1' }, { instance: 'alive-2' }], stale: [{ instance: 'dead' }] },
      })
      expect(await cluster.isCluster()).toBe(true)
    })

    test('finds no Quartz where there is none, and its own nodes', async () => {
      const [a, b] = [db.cluster({ detect: { quartz: { prefix: 'NO_' } } }), db.cluster()]
      await a.start()
      expect(await a.isCluster()).toBe(false)
      await b.start()
      expect(await a.isCluster()).toBe(true)
    })

    // MariaDB keeps the names that its clients give only while its performance schema is on, which it is not by default.
    const knowsNames = kind !== 'mariadb'
    test(`${knowsNames ? 'sees' : 'does not see'} sessions of an application that has no guard`, async () => {
      const client = await db.connect('legacy')
      const seen = knowsNames ? 1 : 0
      expect(await db.cluster({ detect: { applications: ['legacy'] } }).members()).toMatchObject({
        sessions: seen,
        count: seen,
        unregistered: seen,
      })
      await client.end()
    })

    test('gives instances that cannot ack time to notice, and says how many (catches a freeze that forgets them)', async () => {
      await db.query(quartz)
      await checkIn('one', 0)
      await checkIn('two', 0)
      await checkIn('three', 0)
      const warnings: unknown[] = []
      const logger = { debug() {}, info() {}, error() {}, warn: (data: object) => void warnings.push(data) }
      const cluster = db.cluster({ detect: { quartz: {} }, logger })
      const freeze = await cluster.freeze({ reason: 'x', fence: 'off' })
      expect(freeze.unregistered).toBe(2)
      expect(freeze.timings.drainedMs).toBeGreaterThan(1.5 * fastOptions.pollIntervalMs)
      expect(warnings).toContainEqual({ unregistered: 2, waitMs: 1.5 * fastOptions.pollIntervalMs })
      await freeze.thaw()
    })
  })

  test('a freeze may end the sessions that are in its way, when it is told to', async () => {
    const psql = await db.connect()
    await psql.query('BEGIN')
    await psql.query(`INSERT INTO entry (id) VALUES ('00000000-0000-4000-8000-000000000002')`)
    const freeze = await db.cluster().freeze({ reason: 'x', drainTimeoutMs: 300, terminateBlockers: true })
    await expect(psql.query('COMMIT')).rejects.toThrow()
    expect(await db.query('SELECT id FROM entry')).toEqual([])
    expect(freeze.serverDrained).toBe(true)
    await freeze.thaw()
  })
})
