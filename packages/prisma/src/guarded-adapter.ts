import type { Session } from '@quiesce/core/adapter'
import type { SqlDriverAdapterLike, TransactionLike } from './driver-adapter.ts'
import { type GuardedTransaction, guardTransaction } from './guarded-transaction.ts'
import { besideTransactions, isSharedConnection } from './shared-connection.ts'
import type { StatementGuard } from './statement-guard.ts'

/**
 * Wraps a connected adapter: every statement of every client that uses it passes the gate.
 *
 * Members are delegated one by one, because adapters have private fields that a prototype chain or a proxy can't reach.
 */
export function guardConnectedAdapter(guard: StatementGuard, inner: SqlDriverAdapterLike): SqlDriverAdapterLike {
  const { gate } = guard
  const open = new Set<GuardedTransaction>()
  const sessions = new Set<Session>()
  const admission = isSharedConnection(inner.provider) ? besideTransactions(gate, sessions) : gate
  const adapter: SqlDriverAdapterLike = {
    provider: inner.provider,
    adapterName: inner.adapterName,
    queryRaw: (query) => guard.send(admission, query.sql, () => inner.queryRaw(query)),
    executeRaw: (query) => guard.send(admission, query.sql, () => inner.executeRaw(query)),
    executeScript: (script) => guard.send(admission, script, () => inner.executeScript(script)),
    async startTransaction(isolationLevel): Promise<TransactionLike> {
      // Counted from before BEGIN is sent: what runs beside it may be part of it already.
      const session = gate.openSession()
      session.begin()
      sessions.add(session)
      try {
        const begun = await inner.startTransaction(isolationLevel)
        const transaction = guardTransaction(guard, session, begun, (closed) => {
          open.delete(closed)
          sessions.delete(session)
        })
        open.add(transaction)
        return transaction
      } catch (error) {
        sessions.delete(session)
        session.rolledBack()
        throw error
      }
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
