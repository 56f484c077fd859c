import { type Cluster, type ClusterOptions, isQuiesceError, type QuiesceError } from '@quiesce/core'
import type { DatabaseName } from '@quiesce/test-servers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databases, insertEntry, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import type { RawConnection } from '../support/raw-connection.ts'

/** Every operation that asks the database, as an application calls it. */
const calls: Readonly<Record<string, (cluster: Cluster) => Promise<unknown>>> = {
  migrate: (cluster) => cluster.migrate(),
  start: (cluster) => cluster.start(),
  freeze: (cluster) => cluster.freeze({ reason: 'x' }),
  thaw: (cluster) => cluster.thaw('x', { force: true, reason: 'x' }),
  lock: (cluster) => cluster.lock('x', { retries: 0 }),
  withLock: (cluster) => cluster.withLock('x', () => {}, { retries: 0 }),
  withTransactionLock: (cluster) => cluster.withTransactionLock('x', () => {}),
  locks: (cluster) => cluster.locks(),
  releaseLocks: (cluster) => cluster.releaseLocks({ dead: true }),
  isCluster: (cluster) => cluster.isCluster(),
  members: (cluster) => cluster.members(),
  run: (cluster) => cluster.run({ name: 'x', reason: 'x', steps: [{ name: 'x', run: () => {} }] }),
  runs: (cluster) => cluster.runs(),
  cancelRun: (cluster) => cluster.cancelRun('x', 'x'),
  nodes: (cluster) => cluster.nodes(),
  fenceSurvey: (cluster) => cluster.fenceSurvey(),
  fenceOptions: (cluster) => cluster.fenceOptions(),
  fences: (cluster) => cluster.fences(),
  liftFences: (cluster) => cluster.liftFences(),
  fenceInstallation: (cluster) => cluster.fenceInstallation(),
  status: (cluster) => cluster.status(),
  diagnose: (cluster) => cluster.diagnose(),
  history: (cluster) => cluster.history(),
}

/** Long enough for a machine that has much to do: neither driver nor server gives up before the statement is ended. */
const patient = {
  ...{ pollIntervalMs: 2000, fastPollIntervalMs: 250, nodeLeaseMs: 24_000, writeBoundMs: 5000, freezeLeaseMs: 40_000 },
  statementTimeoutMs: 8000,
} as const

/** What an error of the server that ended the statement says in each driver. */
const ended = {
  postgres: { data: { sqlState: '57014' }, cause: { code: '57014' } },
  mysql: { data: { errno: 1317 }, cause: { errno: 1317 } },
  mariadb: { data: { errno: 1317 }, cause: { errno: 1317 } },
} as const

describe.each(isLong ? databases : databases.slice(0, 1))('on %s', (kind) => {
  let db: TestDatabase
  let other: RawConnection
  beforeEach(async () => {
    db = await testDatabase('database_errors', kind)
    other = await db.connect()
  })
  afterEach(async () => {
    await other.end()
    await db.drop()
  })

  /** What each call comes to, all at once, each on a cluster object of its own. */
  const errors = async (options: Partial<ClusterOptions> = {}): Promise<Readonly<Record<string, unknown>>> => {
    const failed = Object.entries(calls).map(
      async ([name, call]) => [name, await call(db.cluster(options)).then(noError, asIs)] as const,
    )
    return Object.fromEntries(await Promise.all(failed))
  }

  test('an operation whose statement the server undid for others says so (catches the driver’s error at the caller)', async () => {
    const unlock = await lockTables(kind, other, await coordinationTables(kind, other))
    const stop = repeatedly(() => endWaiting(kind, db))
    const seen = await errors(patient)
    await stop()
    await unlock()
    expect(raw(seen)).toEqual([])
    const contended = ['start', 'freeze', 'thaw', 'locks', 'releaseLocks', 'run', 'runs', 'nodes', 'status', 'history']
    for (const name of contended) expect(seen[name], name).toMatchObject({ kind: 'QUIESCE_CONTENDED', ...ended[kind] })
    expect((seen['start'] as QuiesceError).message).toMatch(/Nothing of it was done; .*try again/)
  })

  test('an operation whose connections are ended again and again says so', async () => {
    const stop = repeatedly(() => endConnections(kind, other))
    const seen = await errors()
    await stop()
    expect(raw(seen)).toEqual([])
    expect(Object.values(seen).filter((error) => error !== undefined)).not.toEqual([])
  })

  test('an error that nobody foresaw has a kind, too, and keeps the driver’s as its cause', async () => {
    const node = db.flavour.table('node')
    if (kind === 'postgres') {
      await db.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$`)
      await db.query(`CREATE TRIGGER refuse BEFORE INSERT ON ${node} FOR EACH ROW EXECUTE FUNCTION refuse()`)
    } else {
      await db.query(
        `CREATE TRIGGER refuse BEFORE INSERT ON ${node} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not today'`,
      )
    }
    const data = kind === 'postgres' ? { sqlState: 'P0001' } : { errno: 1644 }
    const message = expect.stringContaining('not today')
    const expected = { kind: 'QUIESCE_DATABASE', data, message, cause: { message: 'not today' } }
    await expect(db.cluster(patient).start()).rejects.toMatchObject(expected)
  })

  test('a freeze whose statement the server undid is tried again (catches one that fails for a passing lock)', async () => {
    const cluster = db.cluster(patient)
    await cluster.start()
    for (const sql of db.flavour.begin('READ COMMITTED')) await other.query(sql)
    await other.query(`SELECT * FROM ${db.flavour.table('cluster')} FOR UPDATE`)
    const freezing = cluster.freeze({ reason: 'x', fence: 'off' })
    for (let n = 0; n < 2; n += 1) await eventually('its statement is ended', () => endWaiting(kind, db))
    await other.query('ROLLBACK')
    expect(await (await freezing).thaw()).toMatchObject({ changed: true })
  })

  test('a step that could not read tables fails its run, which tells what became of the steps', async () => {
    const cluster = db.cluster(patient)
    await db.query(insertEntry())
    const unlock = await lockTables(kind, other, ['entry'])
    const stop = repeatedly(() => endWaiting(kind, db))
    const run = cluster.run({
      ...{ name: 'x', reason: 'x' },
      freeze: { fence: 'off', awaitServer: false },
      steps: [{ name: 'read', run: (holder) => holder.fingerprint(['entry']), undo: () => {} }],
    })
    const cause = { kind: 'QUIESCE_CONTENDED', ...ended[kind] }
    await expect(run).rejects.toMatchObject({ kind: 'QUIESCE_RUN_FAILED', data: { undone: ['read'] }, cause })
    await stop()
    await unlock()
  })

  test('what the caller’s own work throws arrives as it is', async () => {
    const cluster = db.cluster(patient)
    const own = await db.query('SELECT nothing').catch((error: unknown) => error)
    const fail = (): Promise<never> => Promise.reject(own)
    await expect(cluster.withLock('x', fail)).rejects.toBe(own)
    await expect(cluster.withTransactionLock('x', fail)).rejects.toBe(own)
    const run = cluster.run({ name: 'x', reason: 'x', freeze: { fence: 'off' }, steps: [{ name: 'x', run: fail }] })
    await expect(run).rejects.toMatchObject({ kind: 'QUIESCE_RUN_FAILED', cause: own })
  })

  test('an operation that is under way when the cluster is closed says so', async () => {
    const cluster = db.cluster(patient)
    await cluster.start()
    const closing = cluster.close()
    const seen: unknown[] = []
    const stop = repeatedly(async () => {
      const each = ['status', 'nodes', 'fences'].map((name) => calls[name]?.(cluster).then(noError, asIs))
      seen.push(...(await Promise.all(each)))
      return false
    })
    await closing
    await eventually('it is refused', async () => seen.some((error) => error !== undefined))
    await stop()
    expect(raw({ ...seen })).toEqual([])
    const kinds = new Set(seen.filter(isQuiesceError).map((error) => error.kind))
    expect([...kinds]).toEqual(['QUIESCE_CLOSED'])
  })
})

function noError(): undefined {
  return undefined
}

function asIs(error: unknown): unknown {
  return error
}

/** Those that are not ours, with the call that they came from. */
function raw(errors: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(errors).filter(([, error]) => error !== undefined && !isQuiesceError(error))
}

/** Does it again and again until it is stopped. */
function repeatedly(work: () => Promise<unknown>): () => Promise<void> {
  let stopped = false
  const working = (async () => {
    while (!stopped) {
      await work()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  return () => {
    stopped = true
    return working
  }
}

async function coordinationTables(kind: DatabaseName, { query }: RawConnection): Promise<readonly string[]> {
  const schema = kind === 'postgres' ? `'quiesce'` : 'database()'
  const rows = await query(
    `SELECT table_schema AS s, table_name AS t FROM information_schema.tables WHERE table_schema = ${schema}`,
  )
  return rows.filter(({ t }) => t !== 'entry').map(({ s, t }) => `${s}.${t}`)
}

/** Keeps everybody else from these tables; what ends that. */
async function lockTables(
  kind: DatabaseName,
  { query }: RawConnection,
  tables: readonly string[],
): Promise<() => Promise<unknown>> {
  if (kind === 'postgres') {
    await query('BEGIN')
    await query(`LOCK TABLE ${tables.join(', ')}`)
    return () => query('ROLLBACK')
  }
  await query(`LOCK TABLES ${tables.map((table) => `${table} WRITE`).join(', ')}`)
  return () => query('UNLOCK TABLES')
}

/** Ends every statement that waits for a lock; true where there was one. */
async function endWaiting(kind: DatabaseName, { query }: TestDatabase): Promise<boolean> {
  if (kind === 'postgres') {
    const canceled = await query(
      `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
    )
    return canceled.length > 0
  }
  const waiting = await query(
    `SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id() AND command = 'Query'
      AND (state LIKE 'Waiting for%' OR info LIKE '%quiesce_cluster%FOR UPDATE%')`,
  )
  for (const { id } of waiting) await query(`KILL QUERY ${id}`).catch(() => {})
  return waiting.length > 0
}

/** Ends every connection of a cluster object, and on MySQL the idle ones of the test's pool. */
async function endConnections(kind: DatabaseName, { query }: RawConnection): Promise<void> {
  if (kind === 'postgres') {
    await query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'quiesce%'`,
    )
    return
  }
  const sessions = await query(
    'SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()',
  )
  for (const { id } of sessions) await query(`KILL ${id}`).catch(() => {})
}
