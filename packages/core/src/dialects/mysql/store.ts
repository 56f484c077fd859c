import type { SqlExecutor } from '../../domain/executor.ts'
import type { CoordinationStore } from '../../domain/store.ts'
import type { StoreOptions } from '../dialect.ts'
import { explaining } from '../explaining.ts'
import { explain } from './errors.ts'
import { eventOperations } from './event-operations.ts'
import { lockOperations } from './lock-operations.ts'
import { memberOperations } from './member-operations.ts'
import { tableNames } from './names.ts'
import { nodeOperations } from './node-operations.ts'
import { writerOperations } from './open-writers.ts'
import { rowLockOperations } from './row-lock-operations.ts'
import { runOperations } from './run-operations.ts'
import { schemaOperations } from './schema-operations.ts'
import { serverOf } from './server.ts'
import { stateOperations } from './state-operations.ts'
import type { StoreContext } from './store-context.ts'
import { warningOperations } from './warnings.ts'

/**
 * The coordination state in MySQL or MariaDB; the server tells which.
 *
 * What is one statement on PostgreSQL is a short transaction on one connection here. There is nothing like LISTEN, so
 * nodes follow by polling.
 */
export function createMysqlStore(executor: SqlExecutor, { namespace, location }: StoreOptions): CoordinationStore {
  const context: StoreContext = { executor, namespace, tables: tableNames(location), server: serverOf(executor) }
  const writers = writerOperations(context)
  const operations = {
    ...schemaOperations(context),
    ...stateOperations(context),
    ...nodeOperations(context),
    ...lockOperations(context),
    ...memberOperations(context),
    ...eventOperations(context),
    close: () => executor.close(),
    ...writers,
    ...warningOperations(context, writers.openWriters),
  }
  return {
    ...explaining(operations, explain),
    runs: explaining(runOperations(context, writers.openWriters), explain),
    // Tells its own errors from those of the caller's work, which arrive as they are.
    ...rowLockOperations(context),
  }
}
