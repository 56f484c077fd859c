/** The part of a better-sqlite3 `Database` that is used; the real one of versions 11 and 12 fits. */
export interface SqliteDatabase {
  /** The file as it was given to the constructor. */
  readonly name: string
  readonly memory: boolean
  prepare(sql: string): SqliteStatement
  exec(sql: string): unknown
  close(): unknown
}

/** The part of a prepared statement that is used. */
export interface SqliteStatement {
  /** False for a statement that gives no rows. */
  readonly reader: boolean
  all(...parameters: readonly unknown[]): unknown[]
  run(...parameters: readonly unknown[]): { readonly changes: number }
}

/** Opens databases. */
export type SqliteConstructor = new (
  file: string,
  options?: { readonly timeout?: number; readonly fileMustExist?: boolean; readonly readonly?: boolean },
) => SqliteDatabase

/** Whether a value is a better-sqlite3 `Database`. */
export function isSqliteDatabase(value: unknown): value is SqliteDatabase {
  if (typeof value !== 'object' || value === null) return false
  const { name, memory, prepare, pragma } = value as Record<string, unknown>
  return (
    typeof name === 'string' &&
    typeof memory === 'boolean' &&
    typeof prepare === 'function' &&
    typeof pragma === 'function'
  )
}

/** The constructor that made a database, so that ours comes from the same copy of SQLite. */
export function constructorOf(database: SqliteDatabase): SqliteConstructor {
  return database.constructor as SqliteConstructor
}
