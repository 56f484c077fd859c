import type { Outcome } from '../../domain/admission.ts'
import { isQuiesceError, QuiesceError } from '../../domain/errors.ts'
import { type FenceRefusal, readRefusal } from '../../domain/fence-refusal.ts'
import { messageOf } from '../explaining.ts'
import { contended, type Explanation, unreachable } from '../explanation.ts'

/** What a SQLSTATE means to the coordination; see PostgreSQL's appendix "Error Codes". */
export type Meaning = 'retry' | 'missing-tables' | 'standby' | 'privilege' | 'unreachable' | 'other'

const meanings: Readonly<Record<string, Meaning>> = {
  '55P03': 'retry', // lock_not_available
  '40001': 'retry', // serialization_failure
  '40P01': 'retry', // deadlock_detected
  '57014': 'retry', // query_canceled
  '23505': 'retry', // unique_violation: another process inserted the row first
  '42P01': 'missing-tables', // undefined_table
  '3F000': 'missing-tables', // invalid_schema_name
  '42703': 'missing-tables', // undefined_column: the tables are older than the library
  '25006': 'standby', // read_only_sql_transaction
  '42501': 'privilege', // insufficient_privilege
  '57P01': 'unreachable', // admin_shutdown
  '57P02': 'unreachable', // crash_shutdown
  '57P03': 'unreachable', // cannot_connect_now
  '3D000': 'unreachable', // invalid_catalog_name
  '28000': 'unreachable', // invalid_authorization_specification
  '28P01': 'unreachable', // invalid_password
  '53300': 'unreachable', // too_many_connections
}

const sqlState = /^[0-9A-Z]{5}$/

/** The SQLSTATE in an error of pg, TypeORM (`driverError`) or a Prisma driver adapter (`cause.originalCode`). */
export function sqlStateOf(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; typeof at === 'object' && at !== null && depth < 4; depth += 1) {
    const { code, originalCode, driverError, cause } = at as Record<string, unknown>
    for (const candidate of [originalCode, code]) {
      if (typeof candidate === 'string' && sqlState.test(candidate) && !isSystemCode(candidate)) return candidate
    }
    at = driverError ?? cause
  }
  return undefined
}

/** EPIPE and the like have five capitals too, but no digit or known class. */
function isSystemCode(code: string): boolean {
  return /^E[A-Z]{4}$/.test(code)
}

/** What an error says to the coordination. */
export function meaningOf(error: unknown): Meaning {
  const state = sqlStateOf(error)
  if (state !== undefined) return state.startsWith('08') ? 'unreachable' : (meanings[state] ?? 'other')
  return isConnectionError(error) ? 'unreachable' : 'other'
}

/**
 * Whether an error that ended a guarded statement is the server's answer.
 *
 * A SQLSTATE is one, except those with which a server goes away (class 08 and 57P0x): the statement, or the COMMIT,
 * may have been executed. Everything without a SQLSTATE (time-outs, resets, aborts) tells nothing.
 */
export function outcomeOf(error: unknown): Outcome {
  if (isQuiesceError(error)) return 'answered'
  const state = sqlStateOf(error)
  return state === undefined || state.startsWith('08') || state.startsWith('57P') ? 'unknown' : 'answered'
}

/** What a fence said, in an error of pg, TypeORM or a Prisma driver adapter; `undefined` for every other error. */
export function fenceRefusalOf(error: unknown): FenceRefusal | undefined {
  return sqlStateOf(error) === '25006' ? readRefusal(error) : undefined
}

const explanations: Readonly<Record<Meaning, Explanation>> = {
  retry: contended,
  'missing-tables': [
    'QUIESCE_SCHEMA',
    (message) =>
      `The coordination tables are missing or older than this library (${message}). Call cluster.migrate() once, with a role that may create them.`,
  ],
  standby: [
    'QUIESCE_DATABASE',
    (message) =>
      `The coordination database is a read-only standby or session (${message}). Give the URL of the primary.`,
  ],
  privilege: [
    'QUIESCE_DATABASE',
    (message) =>
      `The role lacks a privilege on the coordination tables (${message}). Grant USAGE on the schema and SELECT, INSERT, UPDATE, DELETE on its tables.`,
  ],
  unreachable,
  other: [
    'QUIESCE_DATABASE',
    (message) =>
      `The server refused a statement of Quiesce (${message}). Look its SQLSTATE up in the manual of PostgreSQL; the server's log has the statement.`,
  ],
}

/** An error of the database as ours, with its SQLSTATE; every other error is left alone. */
export function explain(error: unknown): unknown {
  if (isQuiesceError(error)) return error
  const meaning = meaningOf(error)
  const sqlState = sqlStateOf(error)
  if (meaning === 'other' && sqlState === undefined) return error
  const [kind, text] = explanations[meaning]
  return new QuiesceError(kind, text(messageOf(error)), sqlState === undefined ? {} : { sqlState }, { cause: error })
}

function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  if (typeof code === 'string' && /^E[A-Z_]+$/.test(code)) return true
  return /timeout|terminated|connection|ECONN/i.test(error.message)
}
