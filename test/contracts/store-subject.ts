import { randomUUID } from 'node:crypto'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { chooseDialect } from '../../packages/core/src/dialects/choose-dialect.ts'
import type { Row } from '../../packages/core/src/domain/executor.ts'
import type { NodeIdentity, NodeReport } from '../../packages/core/src/domain/node-record.ts'
import type { CoordinationStore } from '../../packages/core/src/domain/store.ts'
import type { Change, NewFreeze } from '../../packages/core/src/domain/transition.ts'

/** A connection that no store knows. */
export interface PlainSession {
  /** Parameters stand in the text: the two databases write them differently. */
  query(sql: string): Promise<readonly Row[]>
  close(): Promise<void>
}

/** How the databases say what the contract needs. */
export interface Product {
  /** A moment long ago. */
  readonly past: string
  /** Where the tables are by default. */
  readonly place: string
  /** The table of a contract's own, as `openWriters()` names it. */
  entry(database: string): string
  open(url: string): Promise<PlainSession>
}

/** An empty database, and stores on it. */
export interface StoreSubject {
  readonly url: string
  readonly product: Product
  readonly plain: PlainSession
  /** A store as a node makes it, closed with the subject. */
  store(options?: {
    readonly namespace?: string
    readonly tablePrefix?: string
    readonly database?: unknown
  }): CoordinationStore
  /** A session of another program, closed with the subject. */
  session(): Promise<PlainSession>
  table(name: string): string
  close(): Promise<void>
}

/** Makes a subject on an empty database. */
export async function storeSubject(url: string, product: Product): Promise<StoreSubject> {
  const closing: Array<() => Promise<unknown>> = []
  const session = async (): Promise<PlainSession> => {
    const opened = await product.open(url)
    closing.push(() => opened.close())
    return opened
  }
  return {
    url,
    product,
    plain: await session(),
    session,
    table: (name) => `${product.place}quiesce_${name}`,
    store({ namespace = 'default', tablePrefix = 'quiesce_', database = url } = {}) {
      const dialect = chooseDialect(database)
      if (dialect === undefined) throw new Error('no dialect for this database')
      const connection = {
        applicationName: 'contract',
        connectionTimeoutMs: 5000,
        statementTimeoutMs: 3000,
        poolSize: 2,
      }
      const location = { schema: dialect.defaultCoordinationSchema, tablePrefix }
      const options = { namespace, location, synchronousCommit: 'on' } as const
      const store = dialect.createStore(dialect.connect(database, connection), options)
      closing.push(() => store.close())
      return store
    },
    async close() {
      await Promise.all(closing.map((close) => close()))
    },
  }
}

export const postgres: Product = {
  past: `clock_timestamp() - interval '1 hour'`,
  place: 'quiesce.',
  entry: () => 'public.entry',
  async open(connectionString) {
    const client = new pg.Client({ connectionString, application_name: 'other' })
    client.on('error', () => {})
    await client.connect()
    return { query: async (sql) => (await client.query(sql)).rows, close: () => client.end() }
  },
}

/** MySQL and MariaDB. */
export const mysqlFamily: Product = {
  past: 'UTC_TIMESTAMP(6) - INTERVAL 1 HOUR',
  place: '',
  entry: (database) => `${database}.entry`,
  async open(uri) {
    const connection = await mysql.createConnection({
      uri,
      charset: 'UTF8MB4_BIN',
      supportBigNumbers: true,
      bigNumberStrings: true,
    })
    connection.on('error', () => {})
    await connection.query('SET SESSION autocommit = 1')
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
    return {
      async query(sql) {
        const [rows] = await connection.query(sql)
        return Array.isArray(rows) ? (rows as Row[]) : []
      },
      close: () => connection.end().catch(() => connection.destroy()),
    }
  },
}

export function nodeIdentity(changes: Partial<NodeIdentity> = {}): NodeIdentity {
  const versions = { libraryVersion: '1', protocolVersion: 1, policyHash: 'hash' }
  return {
    id: randomUUID(),
    host: 'host',
    pid: 7,
    application: 'app',
    ...versions,
    heartbeatMs: 500,
    leaseMs: 5000,
    ...changes,
  }
}

export function nodeReport(changes: Partial<NodeReport> = {}): NodeReport {
  return { seenEpoch: '0', ackedEpoch: '0', inFlight: 0, unknown: 0, oldest: undefined, ...changes }
}

export function newFreeze(changes: Partial<NewFreeze> = {}): NewFreeze {
  return {
    id: randomUUID(),
    nonce: randomUUID(),
    kind: 'machine',
    reason: 'reason',
    owner: 'owner',
    holder: randomUUID(),
    exempt: {},
    onHolderLost: 'thaw',
    leaseMs: 10_000,
    drainTimeoutMs: 5000,
    deadlineMs: undefined,
    expectedEnd: undefined,
    ...changes,
  }
}

/** A change that follows the state that was read, and does what `changes` says. */
export async function changeOf(store: CoordinationStore, changes: Partial<Change>): Promise<Change> {
  const { token, mode, database } = await store.read()
  const epoch = (BigInt(token.epoch) + 1n).toString()
  return { epoch, mode, database, confirm: [], end: [], keep: [], events: [], ...changes }
}

/** Reads, changes and commits. */
export async function commit(store: CoordinationStore, changes: Partial<Change>): Promise<boolean> {
  const { token } = await store.read()
  return store.commit(token, await changeOf(store, changes), 'tester')
}
