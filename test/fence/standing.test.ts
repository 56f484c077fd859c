import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from '@quiesce/core'
import { wantedDatabases } from '@quiesce/test-servers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { nodeProcesses } from '../support/node-process.ts'
import type { RawConnection } from '../support/raw-connection.ts'

const processes = nodeProcesses()
const REFUSED = { code: '25006', message: expect.stringContaining('quiesce fence:') }

describe.runIf(wantedDatabases().includes('postgres'))('a standing fence', () => {
  let db: TestDatabase
  let other: RawConnection
  let cluster: Cluster

  beforeAll(async () => {
    db = await testDatabase('standing')
    for (const name of ['a', 'b']) await db.query(`CREATE TABLE ${name} (id int PRIMARY KEY, v int)`)
    for (const name of ['a', 'b']) await db.query(`INSERT INTO ${name} VALUES (1, 1)`)
  })
  beforeEach(async () => {
    // A lease that a busy machine can renew where nobody takes over.
    cluster = db.cluster({ freezeLeaseMs: 8000 })
    await cluster.installFence()
    other = await db.connect('psql')
  })
  afterEach(async () => {
    await processes.endAll()
    await other.end()
    await cluster.close()
    const [{ open } = { open: undefined }] = await db.query(
      'SELECT count(*)::int AS open FROM quiesce.quiesce_freeze WHERE ended_at IS NULL',
    )
    expect(open).toBe(0)
  })
  afterAll(() => db.drop())

  const entries = async (): Promise<number> => {
    const [row] = await db.query(`SELECT jsonb_array_length(raised) AS n FROM quiesce.quiesce_fence`)
    return Number(row?.['n'])
  }
  const noEntry = (): Promise<unknown> => eventually('no entry is left', async () => (await entries()) === 0)
  const withToken = async (token: string | undefined, level = 'READ COMMITTED'): Promise<void> => {
    await other.query(`BEGIN ISOLATION LEVEL ${level}`)
    await other.query(`SELECT set_config('quiesce.token', ?, true)`, [token])
    await other.query('UPDATE a SET v = 100')
  }

  test('waits for a transaction that has written, makes no DDL, and then refuses it too (catches a read without the lock)', async () => {
    const catalog = `SELECT (SELECT max(oid::bigint) FROM pg_trigger) AS trigger, (SELECT max(oid::bigint) FROM pg_proc) AS fn`
    const before = await db.query(catalog)
    await other.query('BEGIN')
    await other.query('UPDATE a SET v = 2')
    let isFrozen = false
    const freezing = cluster.freeze({ reason: 'x', fence: 'required', awaitServer: false }).finally(() => {
      isFrozen = true
    })
    await eventually('the freeze waits in the database', async () => {
      const [row] = await db.query(
        `SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND NOT granted`,
      )
      return row?.['n'] === 1 || isFrozen
    })
    expect(isFrozen).toBe(false)
    await other.query('COMMIT')
    const freeze = await freezing
    expect(freeze).toMatchObject({ guarantee: 'fenced', fence: { backend: 'standing', tables: 3 } })
    expect(freeze.fence.because).toMatch(/is installed/)
    await expect(other.query('UPDATE a SET v = 3')).rejects.toMatchObject(REFUSED)
    expect(await db.query(catalog)).toEqual(before)
    await freeze.thaw()
    await other.query('UPDATE a SET v = 1')
  })

  test('names what is in the way when the time is up, or ends it on wish', async () => {
    await other.query('BEGIN')
    await other.query('UPDATE b SET v = 2')
    const options = { reason: 'x', fence: 'required', awaitServer: false, drainTimeoutMs: 300 } as const
    await expect(cluster.freeze(options)).rejects.toMatchObject({
      kind: 'QUIESCE_DRAIN_TIMEOUT',
      writers: [expect.objectContaining({ application: 'psql', tables: ['public.b'], query: 'UPDATE b SET v = 2' })],
    })
    await db.query('UPDATE a SET v = 1')
    const freeze = await cluster.freeze({ ...options, terminateBlockers: true })
    expect(await db.query('SELECT v FROM b')).toEqual([{ v: 1 }])
    await freeze.thaw()
  })

  test('is raised through 30 writers whose transactions overlap without a gap (catches a lock that starves the freezer)', async () => {
    let isOver = false
    const connections = await Promise.all(Array.from({ length: 30 }, () => db.connect('writer')))
    const writers = connections.map(async ({ query }, n) => {
      await delay(n * 10)
      for (; !isOver; ) {
        await query('BEGIN')
        await query('INSERT INTO entry (id) VALUES (gen_random_uuid())').catch(() => {})
        await query('SELECT pg_sleep(0.1)').catch(() => {})
        await query('COMMIT')
      }
    })
    await delay(300)
    const freeze = await cluster.freeze({ reason: 'x', fence: 'required', drainTimeoutMs: 5000, ackTimeoutMs: 20_000 })
    const count = 'SELECT count(*) FROM entry'
    const before = await db.query(count)
    await delay(250)
    expect(await db.query(count)).toEqual(before)
    await freeze.thaw()
    isOver = true
    await Promise.all(writers)
    await Promise.all(connections.map((connection) => connection.end()))
  })

  test.each(['REPEATABLE READ', 'SERIALIZABLE'])(
    'refuses a transaction in %s whose snapshot is older than the freeze (catches a read within the snapshot)',
    async (level) => {
      await other.query(`BEGIN ISOLATION LEVEL ${level}`)
      await other.query('SELECT * FROM b')
      const freeze = await cluster.freeze({ reason: 'x', fence: 'required', awaitServer: false })
      await expect(other.query('UPDATE a SET v = 2')).rejects.toMatchObject({ code: '40001' })
      await other.query('ROLLBACK')
      await freeze.thaw()
    },
  )

  test('refuses while its row is missing, and a freeze says so (catches a comparison with NULL)', async () => {
    await db.query('DELETE FROM quiesce.quiesce_fence')
    await expect(db.query('UPDATE a SET v = 2')).rejects.toMatchObject(REFUSED)
    expect(await cluster.fenceInstallation()).toMatchObject({ state: 'incomplete' })
    const fallback = await cluster.freeze({ reason: 'x', fence: 'required' })
    expect(fallback.fence).toMatchObject({ backend: 'on-freeze', because: expect.stringMatching(/not complete/) })
    await fallback.thaw()
    await cluster.installFence()
    await db.query('UPDATE a SET v = 1')
  })

  test('is passed over by a freeze that needs more, or less, than what is installed (catches exemptions that are not those of the triggers)', async () => {
    const more = await cluster.freeze({ reason: 'x', exempt: { a: ['v'] } })
    expect(more.fence).toMatchObject({ backend: 'on-freeze', because: expect.stringMatching(/more on public\.a/) })
    await db.query('UPDATE a SET v = 1')
    await more.thaw()
    await db.query('CREATE TABLE c (id int)')
    const fewer = await cluster.freeze({ reason: 'x' })
    expect(fewer.fence).toMatchObject({ backend: 'on-freeze', because: expect.stringMatching(/not cover public\.c/) })
    await fewer.thaw()
    expect(await cluster.installFence()).toMatchObject({ tables: 4, changed: 1 })
    const covered = await cluster.freeze({ reason: 'x' })
    expect(covered.fence).toMatchObject({ backend: 'standing', tables: 4 })
    await covered.thaw()
    await db.query('DROP TABLE c')
  })

  test('of several freezes asks for each one’s token, and ends with each', async () => {
    const first = await cluster.freeze({ reason: 'first', fence: 'required' })
    const second = await cluster.freeze({ reason: 'second', fence: 'required' })
    await expect(withToken(first.token)).rejects.toMatchObject({ message: expect.stringContaining(second.id) })
    await other.query('ROLLBACK')
    await withToken(`${second.token},${first.token}`)
    await other.query('ROLLBACK')
    await first.thaw()
    await expect(withToken(first.token)).rejects.toMatchObject(REFUSED)
    await other.query('ROLLBACK')
    await expect(cluster.installFence({ exempt: { a: true } })).rejects.toMatchObject({ kind: 'QUIESCE_FENCE' })
    await expect(cluster.removeFence()).rejects.toMatchObject({ kind: 'QUIESCE_FENCE' })
    await withToken(second.token)
    await other.query('ROLLBACK')
    await second.thaw()
    await db.query('UPDATE a SET v = 1')
    expect(await entries()).toBe(0)
  })

  test('refuses nothing for a freeze that has ended, and the nodes remove what a killed holder left (catches a stale row that refuses)', async () => {
    await db.query(
      `UPDATE quiesce.quiesce_fence SET raised = jsonb_build_array(jsonb_build_object('freeze', gen_random_uuid(), 'digest', '',
        'message', 'stale', 'mark', 'quiesce_' || (SELECT substring(tgname, 18, 8) FROM pg_trigger WHERE tgname ~ '^quiesce_standing' LIMIT 1) || '_7_0123456789ab'))`,
    )
    await db.query('UPDATE a SET v = 1')
    const holder = processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions })
    await holder.call('start')
    await holder.call('freeze', { reason: 'x', fence: 'required' })
    await expect(db.query('UPDATE a SET v = 2')).rejects.toMatchObject(REFUSED)
    await cluster.start()
    await holder.kill()
    await eventually('writes pass', () =>
      db.query('UPDATE a SET v = 1').then(
        () => true,
        () => false,
      ),
    )
    await noEntry()
  })

  test.each(['READ COMMITTED', 'REPEATABLE READ'])(
    'gives a token in %s no chance after a takeover that keeps the freeze (catches a bypass that survives)',
    async (level) => {
      const witness = db.cluster()
      await witness.start()
      const holder = db.cluster()
      const freeze = await holder.freeze({ reason: 'x', fence: 'required', onHolderLost: 'stay', maxFreezeMs: 60_000 })
      await withToken(freeze.token, level)
      await db.query(`UPDATE quiesce.quiesce_freeze SET lease_until = clock_timestamp() - interval '1 min', lease_ms = 1
        WHERE ended_at IS NULL`)
      await eventually(
        'the open transaction was ended',
        () =>
          other.query('SELECT 1').then(
            () => false,
            () => true,
          ),
        15_000,
      )
      other = await db.connect('psql')
      // Where a node has just sealed the fence again, the row is newer than the snapshot.
      await expect(withToken(freeze.token, level)).rejects.toMatchObject({ code: expect.stringMatching(/25006|40001/) })
      await other.query('ROLLBACK')
      expect(await db.query('SELECT v FROM a')).toEqual([{ v: 1 }])
      await witness.thaw(freeze.id, { force: true, reason: 'over' })
      await noEntry()
      await Promise.all([witness.close(), holder.close()])
    },
  )

  test('is changed by one process at a time: who comes late must not take triggers from one that is in use (catches a change without a look at the state)', async () => {
    // The late one has begun, and waits for the table.
    await other.query('BEGIN')
    await other.query('SELECT * FROM b')
    const late = cluster.installFence({ exempt: { b: true } })
    late.catch(() => {})
    await eventually('it waits', async () => {
      const [row] = await db.query(
        `SELECT count(*)::int AS n FROM pg_locks WHERE relation = 'b'::regclass AND NOT granted`,
      )
      return row?.['n'] === 1
    })
    await db.cluster().installFence()
    await other.query('COMMIT')
    await expect(late).rejects.toMatchObject({ kind: 'QUIESCE_FENCE' })
    expect(await cluster.fenceInstallation()).toMatchObject({ state: 'complete', tables: { length: 3 } })
  })

  test('is removed without a trace', async () => {
    expect(await cluster.removeFence()).toMatchObject({ changed: 3 })
    expect(await cluster.fenceInstallation()).toEqual({ state: 'absent', tables: [] })
    const pieces = await db.query(
      `SELECT tgname FROM pg_trigger WHERE tgname ~ '^quiesce_' UNION ALL SELECT proname FROM pg_proc WHERE proname ~ '^quiesce_'
        UNION ALL SELECT relname FROM pg_class WHERE relname = 'quiesce_fence'`,
    )
    expect(pieces).toEqual([])
    const freeze = await cluster.freeze({ reason: 'x', fence: 'required' })
    expect(freeze.fence).toMatchObject({ backend: 'on-freeze', because: expect.stringMatching(/no standing fence/) })
    await freeze.thaw()
  })
})
