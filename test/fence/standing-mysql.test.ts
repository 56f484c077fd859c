import { setTimeout as delay } from 'node:timers/promises'
import { type Cluster, createCluster } from '@quiesce/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { databases, fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'
import { documentedGrants } from '../support/documented-grants.ts'
import { eventually } from '../support/eventually.ts'
import { oneOfEachFamily } from '../support/long.ts'
import { connectRaw, type RawConnection } from '../support/raw-connection.ts'

const REFUSED = { errno: 1792, message: expect.stringMatching(/^quiesce fence:/) }

describe.each(oneOfEachFamily(databases).filter((kind) => kind !== 'postgres'))('a standing fence on %s', (kind) => {
  let db: TestDatabase
  let other: RawConnection
  let cluster: Cluster

  beforeAll(async () => {
    db = await testDatabase('standing', kind)
    for (const name of ['a', 'b']) await db.query(`CREATE TABLE ${name} (id int PRIMARY KEY, v int, w int)`)
    for (const name of ['a', 'b']) await db.query(`INSERT INTO ${name} VALUES (1, 1, 1), (2, 2, 2)`)
    // A lease that a busy machine can renew where nobody takes over.
    cluster = db.cluster({ freezeLeaseMs: 8000 })
  })
  beforeEach(async () => {
    await cluster.installFence()
    other = await db.connect('mysql')
  })
  afterEach(async () => {
    await other.end().catch(() => {})
    const [row] = await db.query('SELECT COUNT(*) AS open FROM quiesce_freeze WHERE ended_at IS NULL')
    expect(row).toEqual({ open: 0 })
  })
  afterAll(() => db.drop())

  const rows = (): Promise<readonly Record<string, unknown>[]> => db.query('SELECT raised, frozen FROM quiesce_fence')
  const untouched = [{ raised: '[]', frozen: 0 }]
  const pieces = (): Promise<readonly Record<string, unknown>[]> =>
    db.query(
      `SELECT TRIGGER_NAME AS name, CREATED AS at FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
        UNION ALL SELECT ROUTINE_NAME, CREATED FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() ORDER BY name`,
    )
  const waits = (statement: string) => async (): Promise<boolean> => {
    const sql = `SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE ?`
    return Number((await db.query(sql, [statement]))[0]?.['n']) > 0
  }
  const passes = (): Promise<boolean> =>
    db.query('UPDATE b SET v = v + 1').then(
      () => true,
      () => false,
    )
  const withToken = async (token: string | undefined, level = 'READ COMMITTED'): Promise<void> => {
    for (const sql of db.flavour.begin(level)) await other.query(sql)
    await other.query('SET @quiesce_token = ?', [token ?? null])
    await other.query('UPDATE a SET v = 100')
  }

  test('waits for a transaction that has written, makes no DDL, and refuses whoever comes then, whatever it has seen before (catches a read without the lock, and one within the snapshot)', async () => {
    const before = await pieces()
    const repeatable = await db.connect('repeatable')
    await repeatable.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    await repeatable.query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
    await repeatable.query('SELECT * FROM b')
    for (const sql of db.flavour.begin('READ COMMITTED')) await other.query(sql)
    await other.query('UPDATE a SET v = 2')
    let isFrozen = false
    const freezing = cluster.freeze({ reason: 'x', fence: 'required', awaitServer: false }).finally(() => {
      isFrozen = true
    })
    await eventually('the freeze waits', async () => isFrozen || waits('%quiesce_fence%FOR UPDATE')())
    await delay(100)
    expect(isFrozen).toBe(false)
    await other.query('COMMIT')
    const freeze = await freezing
    expect(freeze).toMatchObject({ guarantee: 'fenced', fence: { backend: 'standing', tables: 3 } })
    expect(freeze.fence.because).toMatch(/is installed/)
    for (const { query } of [other, repeatable])
      await expect(query('UPDATE a SET v = 3')).rejects.toMatchObject(REFUSED)
    expect(await pieces()).toEqual(before)
    await repeatable.end()
    await freeze.thaw()
    await other.query('UPDATE a SET v = 1')
    expect(await rows()).toEqual(untouched)
  })

  test('names what is in the way when the time is up, or ends it on wish; who only reads is not in the way', async () => {
    const reader = await db.connect('report')
    await reader.query('START TRANSACTION')
    await reader.query('SELECT * FROM b')
    await other.query('START TRANSACTION')
    await other.query('UPDATE b SET w = 7')
    const options = { reason: 'x', fence: 'required', awaitServer: false, drainTimeoutMs: 300 } as const
    const [{ pid }] = (await other.query('SELECT CONNECTION_ID() AS pid')) as [{ pid: number }]
    await expect(cluster.freeze(options)).rejects.toMatchObject({
      kind: 'QUIESCE_DRAIN_TIMEOUT',
      writers: [expect.objectContaining({ pid })],
    })
    await db.query('UPDATE a SET v = 1')
    const freeze = await cluster.freeze({ ...options, terminateBlockers: true })
    expect(await db.query('SELECT w FROM b WHERE id = 1')).toEqual([{ w: 1 }])
    expect(await reader.query('SELECT w FROM b WHERE id = 1')).toEqual([{ w: 1 }])
    await freeze.thaw()
    await reader.end()
  })

  test('is raised through 30 writers whose transactions overlap without a gap, none of which fails for it (catches a lock that starves the freezer)', async () => {
    let isOver = false
    const failures: unknown[] = []
    const connections = await Promise.all(Array.from({ length: 30 }, () => db.connect('writer')))
    const writers = connections.map(async ({ query }, n) => {
      await delay(n * 10)
      for (; !isOver; ) {
        await query('START TRANSACTION')
        await query('INSERT INTO entry (id) VALUES (UUID())').catch((error: { errno: number }) => {
          if (error.errno !== REFUSED.errno) failures.push(error)
        })
        await query('DO SLEEP(0.1)')
        await query('COMMIT')
      }
    })
    await delay(300)
    const freeze = await cluster.freeze({ reason: 'x', fence: 'required', drainTimeoutMs: 5000, ackTimeoutMs: 20_000 })
    const count = 'SELECT COUNT(*) AS n FROM entry'
    const before = await db.query(count)
    await delay(150)
    expect(await db.query(count)).toEqual(before)
    await freeze.thaw()
    isOver = true
    await Promise.all(writers)
    await Promise.all(connections.map((connection) => connection.end()))
    expect(failures).toEqual([])
  })

  test('gives way to writers that wait for each other around it', async () => {
    const second = await db.connect('second')
    for (const { query } of [other, second]) await query('START TRANSACTION')
    await other.query('UPDATE a SET v = 5')
    await second.query('SELECT * FROM b WHERE id = 2 FOR UPDATE')
    const waiting = other.query('UPDATE b SET v = 5 WHERE id = 2')
    const freezing = cluster.freeze({ reason: 'x', fence: 'required', awaitServer: false })
    await eventually('the freeze waits', waits('%quiesce_fence%FOR UPDATE'))
    await second.query('UPDATE b SET v = 6 WHERE id = 2')
    await second.query('COMMIT')
    await waiting
    await other.query('COMMIT')
    await (await freezing).thaw()
    expect(await db.query('SELECT v FROM b WHERE id = 2')).toEqual([{ v: 5 }])
    await second.end()
  })

  test('refuses while its row is missing or damaged, or its table gone, and a freeze says so (catches a comparison with NULL)', async () => {
    const damage = async (...statements: readonly string[]): Promise<void> => {
      for (const sql of statements) {
        await db.query(sql)
        const refusal = sql.startsWith('DROP') ? { errno: 1146 } : REFUSED
        await expect(db.query('UPDATE a SET v = 2')).rejects.toMatchObject(refusal)
      }
      expect(await cluster.fenceInstallation()).toMatchObject({ state: 'incomplete' })
      expect((await cluster.fenceSurvey())?.installed).toBeUndefined()
      await cluster.installFence()
      await db.query('UPDATE a SET v = 1')
    }
    const raised = (value: string): string => `UPDATE quiesce_fence SET raised = '${value}'`
    await damage(raised('[null]'), raised('{}'), 'DELETE FROM quiesce_fence')
    await damage('DROP TABLE quiesce_fence')
  })

  test('refuses while one of its functions is missing and the cluster is frozen', async () => {
    const freeze = await cluster.freeze({ reason: 'x', fence: 'required' })
    const judge = (await pieces()).find(({ name }) => String(name).includes('_judge_'))
    await db.query(`DROP FUNCTION ${judge?.['name']}`)
    await other.query('SET @quiesce_token = ?', [freeze.token ?? null])
    await expect(other.query('UPDATE a SET v = 2')).rejects.toMatchObject(REFUSED)
    await freeze.thaw()
    await db.query('UPDATE a SET v = 1')
    await cluster.installFence()
  })

  test('is passed over by a freeze that needs more, or less, than what is installed, or whose columns a later trigger changes (catches exemptions that are not those of the triggers)', async () => {
    const why = async (options = {}): Promise<string | undefined> => {
      const freeze = await cluster.freeze({ reason: 'x', ...options })
      const { backend, because } = freeze.fence
      await freeze.thaw()
      return backend === 'standing' ? backend : because
    }
    expect(await why({ exempt: { a: ['v'] } })).toMatch(/other columns.* of \S+\.a/)
    await db.query('CREATE TABLE c (id int PRIMARY KEY, v int, w int)')
    expect(await why()).toMatch(/not cover \S+\.c/)
    const exempt = { c: ['w'] }
    expect(await cluster.installFence({ exempt })).toMatchObject({ tables: 4, changed: 1 })
    await db.query('CREATE TRIGGER later BEFORE UPDATE ON c FOR EACH ROW SET NEW.v = NEW.w')
    expect(await why({ exempt })).toMatch(/not cover \S+\.c/)
    expect(await cluster.installFence({ exempt })).toMatchObject({ changed: 1 })
    await db.query('INSERT INTO c VALUES (1, 1, 1)')
    const freeze = await cluster.freeze({ reason: 'x', exempt })
    expect(freeze.fence).toMatchObject({ backend: 'standing' })
    await db.query('UPDATE c SET w = 1')
    await expect(db.query('UPDATE c SET w = 2')).rejects.toMatchObject(REFUSED)
    await freeze.thaw()
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
    expect(await passes()).toBe(true)
    expect(await rows()).toEqual(untouched)
  })

  test('gives the writes back at once although a refused transaction stays open, and forgets it when that ends (catches a thaw that waits for whoever was refused)', async () => {
    const freeze = await cluster.freeze({ reason: 'x', fence: 'required' })
    await other.query('START TRANSACTION')
    await expect(other.query('UPDATE a SET v = 2')).rejects.toMatchObject(REFUSED)
    const thawed = freeze.thaw()
    await eventually('writes pass', () => passes(), 3000)
    await thawed
    expect(await passes()).toBe(true)
    expect(await rows()).not.toEqual(untouched)
    await other.query('ROLLBACK')
    await eventually('it is forgotten', async () => JSON.stringify(await rows()) === JSON.stringify(untouched))
  })

  test('is lowered by the nodes when its holder is gone (catches a stale entry that refuses for ever)', async () => {
    const node = db.cluster()
    await node.start()
    const holder = db.cluster()
    const freeze = await holder.freeze({ reason: 'x', fence: 'required' })
    await db.query(
      `UPDATE quiesce_freeze SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE, lease_ms = 1 WHERE id = ?`,
      [freeze.id],
    )
    await eventually('writes pass', () => passes())
    await eventually('no entry is left', async () => JSON.stringify(await rows()) === JSON.stringify(untouched))
    await Promise.all([node.close(), holder.close()])
  })

  test('gives a token no chance after a takeover that keeps the freeze, and ends what was written with it (catches a bypass that survives)', async () => {
    const witness = db.cluster()
    await witness.start()
    const holder = db.cluster()
    const freeze = await holder.freeze({ reason: 'x', fence: 'required', onHolderLost: 'stay', maxFreezeMs: 60_000 })
    const before = await db.query('SELECT v FROM a')
    await withToken(freeze.token, 'REPEATABLE READ')
    await db.query(`UPDATE quiesce_freeze SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE, lease_ms = 1
      WHERE ended_at IS NULL`)
    const isEnded = (): Promise<boolean> =>
      other.query('SELECT 1').then(
        () => false,
        () => true,
      )
    await eventually('the open transaction was ended', isEnded, 15_000)
    await eventually('the token is dead', async () => {
      // What was written in time is ended with its connection.
      other = await db.connect('mysql')
      const dead = await withToken(freeze.token).then(
        () => false,
        ({ errno }: { errno: number }) => errno === REFUSED.errno,
      )
      await other.end().catch(() => {})
      return dead
    })
    expect(await db.query('SELECT v FROM a')).toEqual(before)
    await witness.thaw(freeze.id, { force: true, reason: 'over' })
    await eventually('no entry is left', async () => JSON.stringify(await rows()) === JSON.stringify(untouched))
    await Promise.all([witness.close(), holder.close()])
  })

  test('is changed by one process at a time: who comes late must not take triggers from one that is in use (catches a change without a look at the state)', async () => {
    // The late one has begun, and waits for the table.
    await other.query('START TRANSACTION')
    await other.query('SELECT * FROM b')
    const late = cluster.installFence({ exempt: { b: true } })
    late.catch(() => {})
    await eventually('it waits', waits('DROP TRIGGER%'))
    const before = await db.query('SELECT installed FROM quiesce_fence')
    expect(before).toEqual([{ installed: 0 }])
    await db.cluster().installFence()
    await other.query('COMMIT')
    await expect(late).rejects.toMatchObject({ kind: 'QUIESCE_FENCE' })
    expect(await cluster.fenceInstallation()).toMatchObject({ state: 'complete', tables: { length: 3 } })
  })

  test('waits for a prepared transaction, or tells of it where the server lets the lock go (catches one that commits unseen)', async () => {
    const xid = `'${crypto.randomUUID()}'`
    for (const sql of [`XA START ${xid}`, 'UPDATE a SET v = 7', `XA END ${xid}`, `XA PREPARE ${xid}`])
      await other.query(sql)
    const options = { reason: 'x', fence: 'required', awaitServer: false, drainTimeoutMs: 300 } as const
    if (kind === 'mysql') {
      await expect(cluster.freeze(options)).rejects.toMatchObject({ kind: 'QUIESCE_DRAIN_TIMEOUT' })
    } else {
      const freeze = await cluster.freeze(options)
      expect(freeze.fence.gaps.map((gap) => gap.kind)).toContain('prepared-transaction')
      await freeze.thaw()
    }
    await other.query(`XA ROLLBACK ${xid}`)
  })

  test('is raised by an account that may run no DDL, with the grants that are documented, and writers need none (catches a lock or a look that needs more)', async () => {
    const user = `standing_${Math.random().toString(36).slice(2, 10)}`
    const account = `'${user}'@'%'`
    const database = new URL(db.url).pathname.slice(1)
    await db.query(`CREATE USER ${account} IDENTIFIED BY 'secret'`)
    const grant = async (page: string, name: string): Promise<void> => {
      for (const line of documentedGrants(page, name))
        await db.query(line.replaceAll('shop.', `${database}.`).replace('TO app', `TO ${account}`))
    }
    const own = new URL(db.url)
    own.username = user
    own.password = 'secret'
    await grant('mysql.md', 'mysql')
    for (const name of ['a', 'b', 'entry'])
      await db.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${database}.${name} TO ${account}`)
    const weak = createCluster({ database: own.href, ...fastOptions, freezeLeaseMs: 8000 })
    const options = { reason: 'x', fence: 'required', awaitServer: false } as const
    await expect(weak.freeze(options)).rejects.toMatchObject({
      data: {
        obstacles: expect.arrayContaining([
          expect.stringContaining('GRANT SELECT, UPDATE ON'),
          expect.stringContaining('GRANT EXECUTE ON'),
        ]),
      },
    })
    const writer = await db.connect()
    await grant('fence-mysql.md', 'standing fence')
    const freeze = await weak.freeze(options)
    expect(freeze.fence).toMatchObject({ backend: 'standing', tables: 3 })
    await expect(writer.query('UPDATE a SET v = 2')).rejects.toMatchObject(REFUSED)
    await freeze.thaw()
    await writer.end()
    await weak.close()
    await db.query(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${account}`)
    await db.query(`GRANT SELECT, UPDATE ON ${database}.a TO ${account}`)
    const bare = await connectRaw(own.href)
    await bare.query('UPDATE a SET v = 1')
    await bare.end()
    await db.query(`DROP USER ${account}`)
  })

  test('is removed without a trace', async () => {
    expect(await cluster.removeFence()).toMatchObject({ changed: 3 })
    expect(await cluster.fenceInstallation()).toEqual({ state: 'absent', tables: [] })
    expect(await pieces()).toEqual([])
    expect(await db.query(`SHOW TABLES LIKE 'quiesce_fence'`)).toEqual([])
  })
})
