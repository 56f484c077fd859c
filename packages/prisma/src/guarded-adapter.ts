import type { SqlDriverAdapterLike, TransactionLike } from './driver-adapter.ts'
import { type GuardedTransaction, guardTransaction } from './guarded-transaction.ts'
import type { StatementGuard } from './statement-guard.ts'

/**
 * Wraps a connected adapter: every statement of every client that uses it passes the gate.
 *
 * Members are delegated one by one, because adapters have private fields that a prototype chain or a proxy can't reach.
 */
export function guardConnectedAdapter(guard: StatementGuard, inner: SqlDriverAdapterLike): SqlDriverAdapterLike {
  const { gate } = guard
  const open = new Set<GuardedTransaction>()
  const adapter: SqlDriverAdapterLike = {
    provider: inner.provider,
    adapterName: inner.adapterName,
    queryRaw: (query) => guard.send(gate, query.sql, () => inner.queryRaw(query)),
    executeRaw: (query) => guard.send(gate, query.sql, () => inner.executeRaw(query)),
    executeScript: (script) => guard.send(gate, script, () => inner.executeScript(script)),
    async startTransaction(isolationLevel): Promise<TransactionLike> {
      const begun = await inner.startTransaction(isolationLevel)
      const transaction = guardTransaction(guard, begun, (closed) => open.delete(closed))
      open.add(transaction)
      return transaction
    },
    async dispose() {
      // A pool that is asked to end waits for the connections of open transactions.
      await Promise.allSettled(Array.from(open, (transaction) => transaction.abandon()))
      await inner.dispose()
    },
  }
  const { getConnectionInfo } = inner
  if (getConnectionInfo) adapter.getConnectionInfo = () => getConnectionInfo.call(inner)
  return adapter
}
