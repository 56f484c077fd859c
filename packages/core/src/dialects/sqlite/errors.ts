import type { Outcome } from '../../domain/admission.ts'
import { isQuiesceError, QuiesceError } from '../../domain/errors.ts'
import { messageOf } from '../explaining.ts'

/** What a result code of SQLite means to the coordination. */
export type Meaning = 'busy' | 'missing-tables' | 'read-only' | 'unreachable' | 'other'

/** Primary result codes; extended ones begin with them. See SQLite's "Result and Error Codes". */
const meanings: readonly (readonly [code: string, meaning: Meaning])[] = [
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_READONLY', 'read-only'],
  ['SQLITE_PERM', 'read-only'],
  ['SQLITE_AUTH', 'read-only'],
  ['SQLITE_CANTOPEN', 'unreachable'],
  ['SQLITE_NOTADB', 'unreachable'],
  ['SQLITE_CORRUPT', 'unreachable'],
  ['SQLITE_IOERR', 'unreachable'],
  ['SQLITE_FULL', 'unreachable'],
]

const MAX_DEPTH = 5

/** The code in an error of better-sqlite3, TypeORM (`driverError`) or a Prisma driver adapter (`cause.originalCode`). */
function sqliteCodeOf(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; typeof at === 'object' && at !== null && depth < MAX_DEPTH; depth += 1) {
    const { code, originalCode, driverError, cause } = at as Record<string, unknown>
    for (const candidate of [originalCode, code]) {
      if (typeof candidate === 'string' && candidate.startsWith('SQLITE_')) return candidate
    }
    at = driverError ?? cause
  }
  return undefined
}

/** Whether it is the refusal to write on a connection that may only read. */
export function isReadOnlyRefusal(error: unknown): boolean {
  return sqliteCodeOf(error) === 'SQLITE_READONLY'
}

/** What an error says to the coordination. */
export function meaningOf(error: unknown): Meaning {
  const code = sqliteCodeOf(error)
  if (code === undefined) return isPathError(error) ? 'unreachable' : 'other'
  if (code === 'SQLITE_ERROR' && /no such (table|column)|has no column named/.test(messageOf(error)))
    return 'missing-tables'
  return meanings.find(([primary]) => code.startsWith(primary))?.[1] ?? 'other'
}

/**
 * What an error that ended a guarded statement says about it.
 *
 * SQLite runs in the process of its caller: a result code means that nothing of the statement is alive any more, and that
 * a COMMIT has left its transaction open (a reader was in the way, a deferred constraint is violated). Errors of the
 * driver itself (a wrong parameter, a connection that is closed) come before anything is run.
 */
export function outcomeOf(error: unknown): Outcome {
  if (isQuiesceError(error)) return 'answered'
  if (sqliteCodeOf(error) !== undefined) return 'unchanged'
  return error instanceof TypeError || error instanceof RangeError ? 'answered' : 'unknown'
}

type Explanation = readonly [kind: 'QUIESCE_SCHEMA' | 'QUIESCE_DATABASE', why: string, what: string]

const explanations: Readonly<Record<Meaning, (file: string) => Explanation>> = {
  busy: (file) => [
    'QUIESCE_DATABASE',
    `The coordination file ${file} stayed locked`,
    'Another program holds a transaction open in it; end that program.',
  ],
  'missing-tables': (file) => [
    'QUIESCE_SCHEMA',
    `The coordination tables in ${file} are missing or older than this library`,
    'Call cluster.migrate() once.',
  ],
  'read-only': (file) => [
    'QUIESCE_DATABASE',
    `The coordination file ${file} cannot be written`,
    'Give the process the right to write it and its directory.',
  ],
  unreachable: (file) => [
    'QUIESCE_DATABASE',
    `The coordination file ${file} cannot be used`,
    'Check the path, the disk and the rights; the node resumes by itself when the file answers.',
  ],
  other: (file) => [
    'QUIESCE_DATABASE',
    `SQLite refused a statement on the coordination file ${file}`,
    'Look its code up in the manual of SQLite.',
  ],
}

/** An error of SQLite or of the file system as ours, with its code; every other error is left alone. */
export function explain(error: unknown, file: string): unknown {
  if (isQuiesceError(error)) return error
  const meaning = meaningOf(error)
  const code = sqliteCodeOf(error)
  if (meaning === 'other' && code === undefined) return error
  const [kind, why, what] = explanations[meaning](file)
  const data = code === undefined ? { file } : { file, code }
  return new QuiesceError(kind, `${why} (${messageOf(error)}). ${what}`, data, { cause: error })
}

/** Of the file system, or of better-sqlite3, which says it without a code. */
function isPathError(error: unknown): boolean {
  const { code } = Object(error) as { code?: unknown }
  const ofFileSystem = typeof code === 'string' && /^E[A-Z]+$/.test(code) && Object(error).syscall !== undefined
  return ofFileSystem || messageOf(error).includes('directory does not exist')
}
