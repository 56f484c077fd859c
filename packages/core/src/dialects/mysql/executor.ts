import { setTimeout as pause } from 'node:timers/promises'
import type { Connection, PoolOptions } from 'mysql2/promise'
import { isQuiesceError } from '../../domain/errors.ts'
import type { Result, Row, ShortTransaction, SqlExecutor, TransactionStatements } from '../../domain/executor.ts'
import type { ConnectionOptions } from '../dialect.ts'
import { createControlPool } from './control-pool.ts'
import { errorNumberOf, isGone } from './errors.ts'

const LONGEST_GOODBYE_MS = 1000

/**
 * Control connections of our own, each set to what our statements rely on before its first use.
 *
 * A connection whose last answer did not come is ended, never used again: the statement may still be alive on it.
 */
export function createMysqlExecutor(config: PoolOptions, options: ConnectionOptions): SqlExecutor {
  const timeout = options.statementTimeoutMs
  const pool = createControlPool(config, options)

  const withConnection = async <T>(fn: (connection: Connection) => Promise<T>): Promise<T> => {
    const connection = await pool.take()
    try {
      const value = await fn(connection)
      pool.giveBack(connection)
      return value
    } catch (error) {
      if (isAnswer(error)) pool.giveBack(connection)
      else {
        connection.destroy()
        pool.refuseClosed(error)
      }
      throw error
    }
  }
  return {
    execute: (sql, parameters = []) => withConnection((connection) => run(connection, sql, parameters, timeout)),
    shortTransaction: async (fn) => {
      let isBegun = false
      const attempt = (): ReturnType<typeof fn> =>
        withConnection(async (connection) => {
          await begin(connection, timeout)
          isBegun = true
          return inShortTransaction(connection, timeout, fn)
        })
      try {
        return await attempt()
      } catch (error) {
        // The server had ended the session while it was idle in the pool: nothing was sent, and others there may live.
        if (isBegun || !isEnded(error)) throw error
        return attempt()
      }
    },
    transaction: async (fn, bound) => inLongTransaction(await pool.openSingle(), fn, bound?.statementTimeoutMs),
    close: () => pool.close(),
  }
}

async function run(
  connection: Connection,
  sql: string,
  parameters: readonly unknown[],
  timeout: number | undefined,
): Promise<Result> {
  const bound = timeout === undefined ? {} : { timeout }
  const [answer] = await connection.query({ sql, values: [...parameters], ...bound })
  if (Array.isArray(answer)) return { rows: answer as readonly Row[], rowCount: answer.length }
  return { rows: [], rowCount: answer.affectedRows }
}

/**
 * The server ends a session that is silent within the transaction: a process that is paused, or cut off, behind a lock
 * that it was granted would keep everybody else's transitions waiting. Soon enough that their waits outlast it.
 */
async function begin(connection: Connection, timeout: number): Promise<void> {
  await run(connection, `SET SESSION wait_timeout = ${Math.ceil(timeout / 2000)}`, [], timeout)
  await run(connection, 'START TRANSACTION', [], timeout)
}

async function inShortTransaction<T>(
  connection: Connection,
  timeout: number,
  fn: (one: ShortTransaction) => Promise<T>,
): Promise<T> {
  let open = true
  const end = async (how: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
    if (!open) return
    open = false
    await run(connection, how, [], timeout)
  }
  const mayIdle = (): Promise<Result> => run(connection, 'SET SESSION wait_timeout = DEFAULT', [], timeout)
  try {
    const value = await fn({
      execute: (sql, parameters = []) => run(connection, sql, parameters, timeout),
      rollback: () => end('ROLLBACK'),
    })
    await end('COMMIT')
    // What it has done is done, whatever becomes of the connection.
    await mayIdle().catch(() => connection.destroy())
    return value
  } catch (error) {
    // Ending the connection rolls back too, and is all that is left where the server did not answer.
    if (isAnswer(error))
      await run(connection, 'ROLLBACK', [], timeout)
        .then(mayIdle)
        .catch(() => connection.destroy())
    throw error
  }
}

/** A connection of its own for each: it may stay open for as long as the work that it locks. */
async function inLongTransaction<T>(
  connection: Connection,
  fn: (one: TransactionStatements) => Promise<T>,
  timeout: number | undefined,
): Promise<T> {
  const lost = new AbortController()
  connection.on('error', (error) => lost.abort(error))
  connection.on('end', () => lost.abort())
  try {
    await run(connection, 'START TRANSACTION', [], timeout)
    const value = await fn({
      lost: lost.signal,
      execute: (sql, parameters = []) => run(connection, sql, parameters, timeout),
    })
    await run(connection, 'COMMIT', [], timeout)
    return value
  } finally {
    // The end of a connection rolls back what was not committed; a server that is cut off does not answer a goodbye.
    const goodbye = connection.end().catch(() => {})
    await Promise.race([goodbye, pause(LONGEST_GOODBYE_MS, undefined, { ref: false })])
    connection.destroy()
  }
}

function isAnswer(error: unknown): boolean {
  if (isQuiesceError(error)) return true
  const number = errorNumberOf(error)
  return number !== undefined && !isGone(number)
}

/** True when the connection is over, so that its server does nothing any more; a time-out leaves that open. */
function isEnded(error: unknown): boolean {
  const { code } = Object(error)
  return !isAnswer(error) && code !== 'PROTOCOL_SEQUENCE_TIMEOUT' && code !== 'ETIMEDOUT' && code !== 'ECONNREFUSED'
}
