import type { Client, Pool, PoolConfig, QueryConfig, QueryResult } from 'pg'
import { QuiesceError } from '../../domain/errors.ts'
import type { Result, SqlExecutor, TransactionStatements } from '../../domain/executor.ts'
import { controlClosed } from '../control-closed.ts'
import type { ConnectionOptions } from '../dialect.ts'
import { endClient, endPool } from './end-client.ts'
import { keepStatements } from './kept-statements.ts'
import { listenForever } from './listen.ts'

/** Raw text for every column, so that parsers which the application registered with pg change nothing here. */
const asText = { getTypeParser: () => (value: unknown) => value } as unknown as PoolConfig['types']

/**
 * Control connections of our own: a small pool for statements, and one connection for LISTEN.
 *
 * They never come from the application's pool, so an application that uses up its pool cannot starve the heartbeat.
 */
export function createPostgresExecutor(config: PoolConfig, options: ConnectionOptions): SqlExecutor {
  const settings: PoolConfig = {
    ...config,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectionTimeoutMs,
    query_timeout: options.statementTimeoutMs,
    keepAlive: true,
    types: asText,
  }
  let pool: Promise<Pool> | undefined
  let closed = false
  const opened = (): Promise<Pool> => {
    if (closed) throw controlClosed()
    pool ??= openPool({ ...settings, max: options.poolSize, idleTimeoutMillis: 0, allowExitOnIdle: true })
    return pool
  }
  const send = async (statement: QueryConfig): Promise<QueryResult> => {
    const open = await opened()
    return open.query(statement).catch((error: unknown) => {
      throw closed ? controlClosed(error) : error
    })
  }
  const sendKept = keepStatements(send)
  return {
    execute: (sql, parameters = []) => resultOf(send({ text: sql, values: [...parameters] })),
    ...(options.ownSessions && { executeOften: async (sql, parameters = []) => resultOf(sendKept(sql, parameters)) }),
    transaction: async (fn, bound) =>
      inTransaction(await openClient({ ...settings, query_timeout: bound?.statementTimeoutMs ?? 0 }), fn),
    listen: async (channel, onMessage) => listenForever(() => openClient(settings), channel, onMessage),
    async close() {
      closed = true
      const open = pool
      pool = undefined
      if (open !== undefined) await endPool(await open)
    },
  }
}

/** A connection of its own for each transaction: it may stay open for as long as the work that it locks. */
async function inTransaction<T>(client: Client, fn: (one: TransactionStatements) => Promise<T>): Promise<T> {
  const lost = new AbortController()
  client.on('error', (error) => lost.abort(error))
  client.on('end', () => lost.abort())
  try {
    await client.connect()
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED')
    const value = await fn({
      lost: lost.signal,
      execute: (sql, parameters = []) => resultOf(client.query(sql, [...parameters])),
    })
    await client.query('COMMIT')
    return value
  } finally {
    // The end of a connection rolls back what was not committed.
    await endClient(client)
  }
}

async function resultOf(answer: Promise<QueryResult>): Promise<Result> {
  const { rows, rowCount } = await answer
  return { rows, rowCount: rowCount ?? 0 }
}

async function openPool(config: PoolConfig): Promise<Pool> {
  const { default: pg } = await importDriver()
  const pool = new pg.Pool(config)
  // An idle connection that breaks is replaced at the next statement; without a listener it would end the process.
  pool.on('error', () => {})
  return pool
}

async function openClient(config: PoolConfig): Promise<Client> {
  const { default: pg } = await importDriver()
  return new pg.Client(config)
}

async function importDriver(): Promise<typeof import('pg')> {
  try {
    return await import('pg')
  } catch (cause) {
    throw new QuiesceError(
      'QUIESCE_CONFIG',
      'A PostgreSQL URL or pool needs the package "pg", which is not installed. Run: npm install pg',
      {},
      { cause },
    )
  }
}
