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
import { rowLockOperations } from './row-lock-operations.ts'
import { runOperations } from './run-operations.ts'
import { schemaOperations } from './schema-operations.ts'
import { stateOperations } from './state-operations.ts'
import type { StoreContext } from './store-context.ts'

/** One channel for all; the payload tells whose state changed. */
const CHANNEL = 'quiesce'

/** The coordination state in PostgreSQL; every method is one statement, so it works behind any pooler. */
export function createPostgresStore(executor: SqlExecutor, options: StoreOptions): CoordinationStore {
  const { namespace, location, synchronousCommit } = options
  const hint = { channel: CHANNEL, payload: `${location.schema}.${location.tablePrefix}${namespace}` }
  const context: StoreContext = { executor, namespace, location, tables: tableNames(location), synchronousCommit, hint }
  const operations = {
    ...schemaOperations(context),
    ...stateOperations(context),
    ...nodeOperations(context),
    ...lockOperations(context),
    ...memberOperations(context),
    ...eventOperations(context),
    ...(executor.listen === undefined ? {} : { listen: listenTo(executor.listen.bind(executor), hint.payload) }),
    close: () => executor.close(),
  }
  return {
    ...explaining(operations, explain),
    runs: explaining(runOperations(context), explain),
    // Tells its own errors from those of the caller's work, which arrive as they are.
    ...rowLockOperations(context),
  }
}

type Listen = NonNullable<SqlExecutor['listen']>

function listenTo(listen: Listen, payload: string): NonNullable<CoordinationStore['listen']> {
  return (onHint) =>
    listen(CHANNEL, (received) => {
      if (received === payload) onHint()
    })
}
