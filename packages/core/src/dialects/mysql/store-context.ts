import { QuiesceError } from '../../domain/errors.ts'
import type { Result, Row, ShortTransaction, SqlExecutor } from '../../domain/executor.ts'
import { errorNumberOf } from './errors.ts'
import type { TableNames } from './names.ts'
import type { Server } from './server.ts'

/** What the operations of a store share. */
export interface StoreContext {
  readonly executor: SqlExecutor
  readonly namespace: string
  readonly tables: TableNames
  /** The server that answers; asked once. */
  readonly server: () => Promise<Server>
}

const DEADLOCK = 1213
const MAX_ATTEMPTS = 4

/** Runs one statement in a transaction of its own. */
export async function run(context: StoreContext, sql: string, parameters: readonly unknown[] = []): Promise<Result> {
  await context.server()
  return context.executor.execute(sql, parameters)
}

/** The rows of one statement. */
export async function rowsOf(
  context: StoreContext,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<readonly Row[]> {
  return (await run(context, sql, parameters)).rows
}

/** Runs a short transaction, again when the server broke a deadlock with it: nothing of it has happened then. */
export async function inTransaction<T>(context: StoreContext, fn: (tx: ShortTransaction) => Promise<T>): Promise<T> {
  const { executor } = context
  if (executor.shortTransaction === undefined) {
    throw new QuiesceError(
      'QUIESCE_CONFIG',
      'MySQL and MariaDB need an executor with shortTransaction(). Give a URL or a mysql2 pool.',
    )
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await executor.shortTransaction(fn)
    } catch (error) {
      if (errorNumberOf(error) !== DEADLOCK || attempt === MAX_ATTEMPTS) throw error
    }
  }
}

/** The same on a server that has what is needed. */
export async function change<T>(context: StoreContext, fn: (tx: ShortTransaction) => Promise<T>): Promise<T> {
  await context.server()
  return inTransaction(context, fn)
}

/** No SELECT on `performance_schema`, no PROCESS. */
const DENIED: ReadonlySet<number | undefined> = new Set([1142, 1227])

/** What the server tells this account; `undefined` where it may not see it. */
export async function unlessDenied<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    if (DENIED.has(errorNumberOf(error))) return undefined
    throw error
  }
}
