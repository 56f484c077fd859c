import type { SqlExecutor } from '../../domain/executor.ts'
import { errorNumberOf } from './errors.ts'

/**
 * What our own sessions are set to, whatever the server's defaults are: strict, in UTC, autocommit, reading what is
 * committed, and with lock waits that end in the server about when the driver gives up.
 *
 * `completion_type` could chain transactions, `sql_safe_updates` and `sql_select_limit` could cut statements short.
 */
export function sessionStatements(statementTimeoutMs: number): readonly string[] {
  const waitSeconds = Math.max(1, Math.floor((statementTimeoutMs - 1) / 1000))
  const settings = [
    'autocommit = 1',
    "sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
    "time_zone = '+00:00'",
    'completion_type = 0',
    'sql_safe_updates = 0',
    'sql_select_limit = DEFAULT',
    `innodb_lock_wait_timeout = ${waitSeconds}`,
    `lock_wait_timeout = ${waitSeconds}`,
  ]
  // Only MariaDB reads /*M! … */, and only it can end any statement after a time.
  const mariadb = `/*M! , max_statement_time = ${statementTimeoutMs / 1000} */`
  return [
    'SET NAMES utf8mb4 COLLATE utf8mb4_bin',
    `SET SESSION ${settings.join(', ')} ${mariadb}`,
    'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE',
  ]
}

/** The session is gone already, or belongs to another user. */
const NOT_KILLED: ReadonlySet<number | undefined> = new Set([1094, 1095, 1227])

/** Ends a session if it is there and may be ended. */
export async function killConnection(executor: SqlExecutor, id: number): Promise<void> {
  try {
    await executor.execute(`KILL CONNECTION ${id}`)
  } catch (error) {
    if (!NOT_KILLED.has(errorNumberOf(error))) throw error
  }
}
