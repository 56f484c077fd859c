import type { Row } from '../../domain/executor.ts'
import { explain } from './errors.ts'
import type { Parameters, SqliteExecutor, SqliteStatements } from './executor.ts'
import type { TableNames } from './names.ts'

/** What the operations of a store share. */
export interface StoreContext {
  readonly executor: SqliteExecutor
  readonly namespace: string
  readonly tables: TableNames
}

/** Runs `fn`; errors whose meaning is known arrive as ours. */
export async function explained<T>({ executor }: StoreContext, fn: () => Promise<T>): Promise<T> {
  try {
    return await fn()
  } catch (error) {
    throw explain(error, executor.file)
  }
}

/** Runs a transaction, all or nothing. */
export function change<T>(context: StoreContext, fn: (db: SqliteStatements) => T): Promise<T> {
  return explained(context, () => context.executor.change(fn))
}

/** The rows of one statement that reads. */
export function rowsOf(context: StoreContext, sql: string, parameters: Parameters): Promise<readonly Row[]> {
  return explained(context, () => context.executor.read((db) => db.all(sql, parameters)))
}
