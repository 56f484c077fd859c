import type { Dialect } from './dialect.ts'
import { mariadbDialect, mysqlDialect } from './mysql/mysql-dialect.ts'
import { postgresDialect } from './postgres/postgres-dialect.ts'
import type { SqliteDatabase } from './sqlite/driver.ts'
import { sqliteDialect } from './sqlite/sqlite-dialect.ts'

const dialects: readonly Dialect[] = [postgresDialect, mysqlDialect, mariadbDialect, sqliteDialect]

/** An open database that stands for itself: one of better-sqlite3. */
export type DatabaseObject = SqliteDatabase

/** What may be given as a database, for messages. */
export const acceptedDatabases =
  'a postgres://, mysql://, mariadb://, file: or sqlite: URL, a pg.Pool, a mysql2 pool or a Database of better-sqlite3'

/** The dialect that can open the given database (a URL, a driver's pool or its options); `undefined` when none can. */
export function chooseDialect(database: unknown): Dialect | undefined {
  return dialects.find((dialect) => dialect.accepts(database))
}
