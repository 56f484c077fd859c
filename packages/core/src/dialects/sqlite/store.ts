import { QuiesceError } from '../../domain/errors.ts'
import type { SqlExecutor } from '../../domain/executor.ts'
import type { CoordinationStore } from '../../domain/store.ts'
import type { StoreOptions } from '../dialect.ts'
import { explaining } from '../explaining.ts'
import { explain } from './errors.ts'
import { eventOperations } from './event-operations.ts'
import type { SqliteExecutor } from './executor.ts'
import { lockOperations } from './lock-operations.ts'
import { memberOperations } from './member-operations.ts'
import { tableNames } from './names.ts'
import { nodeOperations } from './node-operations.ts'
import { rowLockOperations } from './row-lock-operations.ts'
import { runOperations } from './run-operations.ts'
import { schemaOperations } from './schema-operations.ts'
import { stateOperations } from './state-operations.ts'
import type { StoreContext } from './store-context.ts'

/** The coordination state of a SQLite database, in a file beside it. */
export function createSqliteStore(executor: SqlExecutor, { namespace, location }: StoreOptions): CoordinationStore {
  if (!isSqliteExecutor(executor)) {
    throw new QuiesceError('QUIESCE_CONFIG', 'SQLite needs its own executor. Give a file: URL or a Database object.')
  }
  const context: StoreContext = { executor, namespace, tables: tableNames(location) }
  const operations = {
    ...schemaOperations(context),
    ...stateOperations(context),
    ...nodeOperations(context),
    ...lockOperations(context),
    ...memberOperations(context),
    ...eventOperations(context),
    close: () => executor.close(),
  }
  const explained = (error: unknown): unknown => explain(error, executor.file)
  return {
    ...explaining(operations, explained),
    runs: explaining(runOperations(context), explained),
    // Tells its own errors from those of the caller's work, which arrive as they are.
    ...rowLockOperations(context),
  }
}

function isSqliteExecutor(executor: SqlExecutor): executor is SqliteExecutor {
  return 'readDatabase' in executor
}
