import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases, fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { flavourOf } from '../support/flavour.ts'
import { nodeProcesses } from '../support/node-process.ts'

const processes = nodeProcesses()
let db: TestDatabase

describe.each(databases)('on %s', (kind) => {
  const { table } = flavourOf(kind)
  beforeEach(async () => {
    db = await testDatabase('locks', kind)
  })
  afterEach(async () => {
    await processes.endAll()
    await db.drop()
  })

  const quick = { lock: { leaseMs: 900, retryIntervalMs: 20, maxRetryIntervalMs: 100, retries: 200 } }

  test('eight nodes add to an unprotected counter under one lock, and none is lost (catches a lock that two hold)', async () => {
    await db.query('CREATE TABLE counter (n int)')
    await db.query('INSERT INTO counter VALUES (0)')
    const tokens: bigint[] = []
    const work = Array.from({ length: 8 }, async () => {
      const cluster = db.cluster(quick)
      for (let i = 0; i < 10; i += 1) {
        await cluster.withLock('counter', async ({ token }) => {
          tokens.push(BigInt(token))
          const [row] = await db.query('SELECT n FROM counter')
          await db.query('UPDATE counter SET n = ?', [row?.['n'] + 1])
        })
      }
    })
    await Promise.all(work)
    expect(await db.query('SELECT n FROM counter')).toEqual([{ n: 80 }])
    expect(tokens).toEqual(tokens.toSorted((a, b) => (a < b ? -1 : 1)))
    expect(new Set(tokens).size).toBe(80)
  })

  test('a lock that is held is refused after the retries, naming holder, age and lease', async () => {
    const holder = db.cluster()
    await holder.lock('job', { owner: 'nightly' })
    const waiter = db.cluster({ lock: { retries: 2, retryIntervalMs: 50, maxRetryIntervalMs: 200, jitter: 0.1 } })
    const startedAt = performance.now()
    const failure = await waiter.lock('job').catch((error: unknown) => error)
    const waitedMs = performance.now() - startedAt
    expect(failure).toMatchObject({
      kind: 'QUIESCE_LOCK_HELD',
      data: { name: 'job', owner: 'nightly', holder: holder.state.nodeId, token: '1' },
    })
    expect((failure as { data: { heldForMs: number } }).data.heldForMs).toBeGreaterThan(0)
    expect(waitedMs).toBeGreaterThan((50 + 100) * 0.9)
    expect(await waiter.locks()).toMatchObject([{ name: 'job', owner: 'nightly', holder: holder.state.nodeId }])
  })

  test('a dead holder’s lock is taken over when its lease is over, with a greater token, and recorded', async () => {
    const holder = processes.spawn({ url: db.url, guard: 'driver', cluster: { ...fastOptions, ...quick } })
    await holder.call('start')
    expect(await holder.call('lock', 'job')).toEqual({ token: '1' })
    await holder.kill()
    const next = db.cluster(quick)
    const lock = await next.lock('job')
    expect(lock.token).toBe('2')
    expect((await next.history()).find(({ type }) => type === 'lock-taken-over')).toMatchObject({
      detail: { lock: 'job', token: '2' },
    })
    expect(await lock.release()).toBe(true)
  })

  test('a lock renews itself beyond its lease', async () => {
    const cluster = db.cluster(quick)
    const lock = await cluster.lock('job')
    await eventually('two leases have passed', async () => ((await cluster.locks())[0]?.heldForMs ?? 0) > 1900)
    await lock.assertHeld()
    expect(lock.state).toBe('held')
    await lock.release()
  })

  test('a holder that lost its lock is told by its signal, and can’t release the next one’s', async () => {
    const cluster = db.cluster(quick)
    const lock = await cluster.lock('job')
    await db.query(db.flavour.stealLocks)
    await eventually('it is told', () => lock.signal.aborted)
    expect(lock.signal.reason).toMatchObject({ kind: 'QUIESCE_LEASE_LOST' })
    expect(lock.state).toBe('lost')
    await expect(lock.assertHeld()).rejects.toMatchObject({ kind: 'QUIESCE_LEASE_LOST' })
    expect(await lock.release()).toBe(false)
    expect(await db.query(`SELECT nonce FROM ${table('lock')}`)).toEqual([{ nonce: 'another' }])
  })

  test('an attempt waits for another transaction on the row no longer than its statement time-out', async () => {
    const cluster = db.cluster({ lock: { statementTimeoutMs: 100, retries: 0 } })
    await (await cluster.lock('job')).release()
    const blocker = await db.connect()
    await blocker.query('BEGIN')
    await blocker.query(`SELECT token FROM ${table('lock')} FOR UPDATE`)
    const startedAt = performance.now()
    await expect(cluster.lock('job')).rejects.toMatchObject({ kind: 'QUIESCE_LOCK_HELD' })
    expect(performance.now() - startedAt).toBeLessThan(1800)
    await blocker.query('COMMIT')
    await blocker.end()
  })

  test('names that differ only in case, accents or blanks are different locks; names that no row can hold are refused at once', async () => {
    const cluster = db.cluster()
    const names = ['Jobs', 'jobs', 'JOBS ', 'jóbs', `a'b"c;--`, '𝕏', 'x'.repeat(500)]
    for (const name of names) expect((await cluster.lock(name)).token).toBe('1')
    expect((await cluster.locks()).map(({ name }) => name).sort()).toEqual([...names].sort())
    for (const name of ['', 'a\0b', 'x'.repeat(501), '\uD800']) {
      await expect(cluster.lock(name)).rejects.toMatchObject({ kind: 'QUIESCE_CONFIG' })
    }
  })

  test('what runs under a lock gives it back when it throws', async () => {
    const cluster = db.cluster()
    await expect(cluster.withLock('job', () => Promise.reject(new Error('boom')))).rejects.toThrow('boom')
    expect((await cluster.lock('job', { retries: 0 })).token).toBe('2')
  })

  test('namespaces do not see each other’s locks and freezes', async () => {
    const [a, b] = [db.cluster({ namespace: 'a' }), db.cluster({ namespace: 'b' })]
    await a.lock('job')
    expect((await b.lock('job', { retries: 0 })).token).toBe('1')
    const freeze = await a.freeze({ reason: 'x' })
    await b.start()
    expect(b.state.mode).toBe('read-write')
    expect(await b.locks()).toHaveLength(1)
    await freeze.thaw()
  })
})
