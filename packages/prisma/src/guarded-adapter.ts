import type { Session } from '@quiesce/core/adapter'
import type { SqlDriverAdapterLike, TransactionLike } from './driver-adapter.ts'
import { type GuardedTransaction, guardTransaction } from './guarded-transaction.ts'
import { besideTransactions, isSharedConnection } from './shared-connection.ts'
import { countOfSkipped, rowsOfSkipped } from './skipped-answer.ts'
import type { StatementGuard } from './statement-guard.ts'

/**
 * Wraps a connected adapter: every statement of every client that uses it passes the gate.
 *
 * `all` holds the sessions of the open transactions of every adapter of the factory. Members are delegated one by one, because adapters have private fields that a prototype chain or a proxy can't reach.
 */
export function guardConnectedAdapter(
  guard: StatementGuard,
  inner: SqlDriverAdapterLike,
  all: Set<Session>,
): SqlDriverAdapterLike {
  const { gate } = guard
  const open = new Set<GuardedTransaction>()
  const sessions = new Set<Session>()
  const admission = isSharedConnection(inner.provider) ? besideTransactions(gate, sessions) : gate
  const forget = (session: Session): void => {
    sessions.delete(session)
    all.delete(session)
  }
  const adapter: SqlDriverAdapterLike = {
    provider: inner.provider,
    adapterName: inner.adapterName,
    queryRaw: (query) =>
      guard.send(
        admission,
        query.sql,
        (skipped) => (skipped ? rowsOfSkipped(inner, query, skipped) : inner.queryRaw(query)),
        'keys',
      ),
    executeRaw: (query) =>
      guard.send(admission, query.sql, (skipped) => (skipped ? countOfSkipped() : inner.executeRaw(query)), 'rows'),
    executeScript: (script) => guard.send(admission, script, () => inner.executeScript(script)),
    async startTransaction(isolationLevel): Promise<TransactionLike> {
      // Counted from before BEGIN is sent: what runs beside it may be part of it already.
      const session = gate.openSession()
      session.begin()
      sessions.add(session)
      all.add(session)
      try {
        const begun = await inner.startTransaction(isolationLevel)
        const transaction = guardTransaction(guard, session, begun, (closed) => {
          open.delete(closed)
          forget(session)
        })
        open.add(transaction)
        return transaction
      } catch (error) {
        forget(session)
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
