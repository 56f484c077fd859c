import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { QuiesceError } from '../../domain/errors.ts'
import { constructorOf, isSqliteDatabase, type SqliteConstructor, type SqliteDatabase } from './driver.ts'

/** Which database the application uses: a file, or one in memory that only its `Database` object reaches. */
export type SqliteLocation =
  | { readonly file: string; readonly Database: SqliteConstructor | undefined }
  | { readonly memory: SqliteDatabase; readonly Database: SqliteConstructor }

const scheme = /^(?:file|sqlite):/

/** Whether a database that was given is one of SQLite's. */
export function isSqlite(database: unknown): boolean {
  return typeof database === 'string' ? scheme.test(database) : isSqliteDatabase(database)
}

/**
 * Reads a `file:` or `sqlite:` URL, with a path that may be relative to the working directory, or a `Database` of
 * better-sqlite3. Parameters behind a question mark are for other drivers.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` for the URL of a database in memory.
 */
export function locationOf(database: unknown): SqliteLocation {
  if (isSqliteDatabase(database)) {
    const Database = constructorOf(database)
    return database.memory ? { memory: database, Database } : { file: resolve(database.name), Database }
  }
  if (typeof database === 'string' && scheme.test(database)) return { file: fileOf(database), Database: undefined }
  throw new QuiesceError(
    'QUIESCE_CONFIG',
    'database must be a file: or sqlite: URL, or a Database object of better-sqlite3.',
    { database: typeof database },
  )
}

function fileOf(url: string): string {
  const [path = '', parameters = ''] = url.replace(scheme, '').split('?')
  if (path === '' || path.includes(':memory:') || /(^|&)mode=memory(&|$)/.test(parameters)) {
    throw new QuiesceError(
      'QUIESCE_CONFIG',
      `${JSON.stringify(url)} names no file: a database in memory belongs to the connection that opened it. Give the Database object of better-sqlite3 itself.`,
    )
  }
  if (path.startsWith('///')) return fileURLToPath(`file:${path}`)
  return resolve(path.startsWith('//') ? path.slice(2) : path)
}
