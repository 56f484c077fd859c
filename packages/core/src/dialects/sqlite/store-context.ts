import type { Row } from '../../domain/executor.ts'
import type { Parameters, SqliteExecutor, SqliteStatements } from './executor.ts'
import type { TableNames } from './names.ts'

/** What the operations of a store share. */
export interface StoreContext {
  readonly executor: SqliteExecutor
  readonly namespace: string
  readonly tables: TableNames
}

/** Runs a transaction, all or nothing. */
export function change<T>({ executor }: StoreContext, fn: (db: SqliteStatements) => T): Promise<T> {
  return executor.change(fn)
}

/** The rows of one statement that reads. */
export function rowsOf({ executor }: StoreContext, sql: string, parameters: Parameters): Promise<readonly Row[]> {
  return executor.read((db) => db.all(sql, parameters))
}
