import { isQuiesceError, QuiesceError } from '../../domain/errors.ts'
import { messageOf } from '../explaining.ts'
import { contended, type Explanation, unreachable } from '../explanation.ts'

/** What an error number of the server means to the coordination. */
export type Meaning =
  | 'retry'
  | 'missing-tables'
  | 'no-database'
  | 'standby'
  | 'privilege'
  | 'statement-binlog'
  | 'unreachable'
  | 'other'

const meanings: Readonly<Record<number, Meaning>> = {
  1020: 'retry', // ER_CHECKREAD: MariaDB, the row changed since the snapshot
  1062: 'retry', // ER_DUP_ENTRY: another process inserted the row first
  1205: 'retry', // ER_LOCK_WAIT_TIMEOUT; MariaDB's answer to NOWAIT too
  1213: 'retry', // ER_LOCK_DEADLOCK; a refused certification of Galera too
  1317: 'retry', // ER_QUERY_INTERRUPTED
  1614: 'retry', // ER_XA_RBDEADLOCK
  1969: 'retry', // MariaDB ER_STATEMENT_TIMEOUT
  3024: 'retry', // ER_QUERY_TIMEOUT
  3058: 'retry', // ER_USER_LOCK_DEADLOCK
  3101: 'retry', // ER_TRANSACTION_ROLLBACK_DURING_COMMIT: group replication
  3572: 'retry', // ER_LOCK_NOWAIT
  1049: 'missing-tables', // ER_BAD_DB_ERROR
  1054: 'missing-tables', // ER_BAD_FIELD_ERROR: the tables are older than the library
  1146: 'missing-tables', // ER_NO_SUCH_TABLE
  1046: 'no-database', // ER_NO_DB_ERROR
  1290: 'standby', // ER_OPTION_PREVENTS_STATEMENT: read_only or super_read_only
  1792: 'standby', // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  1836: 'standby', // ER_READ_ONLY_MODE
  3989: 'standby', // ER_SCHEMA_READ_ONLY
  1044: 'privilege', // ER_DBACCESS_DENIED_ERROR
  1142: 'privilege', // ER_TABLEACCESS_DENIED_ERROR
  1143: 'privilege', // ER_COLUMNACCESS_DENIED_ERROR
  1227: 'privilege', // ER_SPECIFIC_ACCESS_DENIED_ERROR
  1665: 'statement-binlog', // ER_BINLOG_STMT_MODE_AND_ROW_ENGINE
  1040: 'unreachable', // ER_CON_COUNT_ERROR
  1045: 'unreachable', // ER_ACCESS_DENIED_ERROR: user or password
  1129: 'unreachable', // ER_HOST_IS_BLOCKED
  1130: 'unreachable', // ER_HOST_NOT_PRIVILEGED
  1203: 'unreachable', // ER_TOO_MANY_USER_CONNECTIONS
  1226: 'unreachable', // ER_USER_LIMIT_REACHED
  1698: 'unreachable', // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
}

/** The server went away, or closed the session, while it answered: what it had done by then nobody knows. */
const goneNumbers: ReadonlySet<number> = new Set([
  1047, // ER_UNKNOWN_COM_ERROR: Galera, the node left the cluster
  1053, // ER_SERVER_SHUTDOWN
  1077, // ER_NORMAL_SHUTDOWN
  1079, // ER_SHUTDOWN_COMPLETE
  1080, // ER_FORCING_CLOSE
  1152, // ER_ABORTING_CONNECTION
  1158, // ER_NET_READ_ERROR
  1159, // ER_NET_READ_INTERRUPTED
  1160, // ER_NET_ERROR_ON_WRITE
  1161, // ER_NET_WRITE_INTERRUPTED
  1184, // ER_NEW_ABORTING_CONNECTION
  1927, // MariaDB ER_CONNECTION_KILLED
  3169, // ER_SESSION_WAS_KILLED
  4031, // ER_CLIENT_INTERACTION_TIMEOUT
])

const MAX_DEPTH = 6

/**
 * The server's error number in an error of mysql2 or mariadb (`errno`), TypeORM (`driverError`) or a Prisma driver
 * adapter (`cause.code`, `cause.originalCode`); `undefined` where no server has spoken.
 */
export function errorNumberOf(error: unknown): number | undefined {
  return numbersIn(error).find(isServerNumber)
}

/** Every number in an error and in what it wraps, the outermost first: the server's, a driver's, the system's. */
export function numbersIn(error: unknown): readonly number[] {
  const numbers: number[] = []
  for (let at: unknown = error, depth = 0; typeof at === 'object' && at !== null && depth < MAX_DEPTH; depth += 1) {
    const { errno, code, originalCode, driverError, cause, meta } = at as Record<string, unknown>
    numbers.push(...[errno, originalCode, code].map(Number))
    at = driverError ?? cause ?? (meta as Record<string, unknown> | undefined)?.['driverAdapterError']
  }
  return numbers
}

/** 2000–2999 are the C client's own numbers, those from 45 000 on the `mariadb` driver's, negative ones the system's. */
function isServerNumber(value: number): boolean {
  return Number.isInteger(value) && ((value >= 1000 && value < 2000) || (value >= 3000 && value < 45_000))
}

/** True when the session or the server ended with this error number. */
export function isGone(errorNumber: number): boolean {
  return goneNumbers.has(errorNumber)
}

/** What an error says to the coordination. */
export function meaningOf(error: unknown): Meaning {
  const number = errorNumberOf(error)
  if (number === undefined) return isConnectionError(error) ? 'unreachable' : 'other'
  return isGone(number) ? 'unreachable' : (meanings[number] ?? 'other')
}

const explanations: Readonly<Record<Meaning, Explanation>> = {
  retry: contended,
  'missing-tables': [
    'QUIESCE_SCHEMA',
    (message) =>
      `The coordination tables are missing or older than this library (${message}). Call cluster.migrate() once, with a user that may create them.`,
  ],
  'no-database': [
    'QUIESCE_DATABASE',
    (message) => `The connection has no database (${message}). Name one in the URL, or give the option schema.`,
  ],
  standby: [
    'QUIESCE_DATABASE',
    (message) =>
      `The coordination database is a read-only replica, server or session (${message}). Give the URL of the primary.`,
  ],
  privilege: [
    'QUIESCE_DATABASE',
    (message) =>
      `The user lacks a privilege on the coordination tables (${message}). Grant SELECT, INSERT, UPDATE, DELETE on them; migrate() needs CREATE too.`,
  ],
  'statement-binlog': [
    'QUIESCE_DATABASE',
    (message) => `The server writes its binary log by statement (${message}). Set binlog_format to ROW or MIXED.`,
  ],
  unreachable,
  other: [
    'QUIESCE_DATABASE',
    (message) =>
      `The server refused a statement of Quiesce (${message}). Look its number up in the manual of the server, whose log may say more.`,
  ],
}

/** An error of the database as ours, with its number; every other error is left alone. */
export function explain(error: unknown): unknown {
  if (isQuiesceError(error)) return error
  const meaning = meaningOf(error)
  const errno = errorNumberOf(error)
  if (meaning === 'other' && errno === undefined) return error
  const [kind, text] = explanations[meaning]
  return new QuiesceError(kind, text(messageOf(error)), errno === undefined ? {} : { errno }, { cause: error })
}

function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  if (typeof code === 'string' && /^(E[A-Z]+|PROTOCOL_\w+|HANDSHAKE_\w+)$/.test(code)) return true
  return /timeout|closed state|connection|ECONN/i.test(error.message)
}
