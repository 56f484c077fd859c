import type { Result, Row, SqlExecutor } from '../../domain/executor.ts'
import type { StoreOptions, TableLocation } from '../dialect.ts'
import { explain } from './errors.ts'
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

/** Runs one statement; errors whose meaning is known arrive as ours. */
export function rowsOf(
  { executor }: StoreContext,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<readonly Row[]> {
  return explained(executor.execute(sql, parameters))
}

/** The same for a statement that comes again and again. */
export function rowsOfOften(
  { executor }: StoreContext,
  sql: string,
  parameters: readonly unknown[],
): Promise<readonly Row[]> {
  return explained(executor.executeOften?.(sql, parameters) ?? executor.execute(sql, parameters))
}

async function explained(answer: Promise<Result>): Promise<readonly Row[]> {
  try {
    return (await answer).rows
  } catch (error) {
    throw explain(error)
  }
}
