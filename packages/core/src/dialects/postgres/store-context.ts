import type { Row, SqlExecutor } from '../../domain/executor.ts'
import type { StoreOptions, TableLocation } from '../dialect.ts'
import type { TableNames } from './names.ts'

/** What the operations of a store share. */
export interface StoreContext {
  readonly executor: SqlExecutor
  readonly namespace: string
  readonly location: TableLocation
  readonly tables: TableNames
  readonly synchronousCommit: StoreOptions['synchronousCommit']
  /** Where transitions are announced. */
  readonly hint: { readonly channel: string; readonly payload: string }
}

/** The rows of one statement. */
export async function rowsOf(
  { executor }: StoreContext,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<readonly Row[]> {
  return (await executor.execute(sql, parameters)).rows
}

/** The same for a statement that comes again and again. */
export async function rowsOfOften(
  { executor }: StoreContext,
  sql: string,
  parameters: readonly unknown[],
): Promise<readonly Row[]> {
  return (await (executor.executeOften?.(sql, parameters) ?? executor.execute(sql, parameters))).rows
}
