import type { SqlDriverAdapterLike, TransactionLike } from './driver-adapter.ts'
import { guardTransaction } from './guarded-transaction.ts'
import { OpenTransactions } from './open-transactions.ts'
import { besideTransactions, isSharedConnection } from './shared-connection.ts'
import type { StatementGuard } from './statement-guard.ts'

/**
 * Wraps a connected adapter: every statement of every client that uses it passes the gate.
 *
 * `all` holds the open transactions of every adapter of the factory. Members are delegated one by one, because adapters
 * have private fields that a prototype chain or a proxy can't reach.
 */
export function guardConnectedAdapter(
  guard: StatementGuard,
  inner: SqlDriverAdapterLike,
  all: Set<OpenTransactions>,
): SqlDriverAdapterLike {
  const { gate } = guard
  const open = new OpenTransactions()
  all.add(open)
  const admission = isSharedConnection(inner.provider) ? besideTransactions(gate, open) : gate
  const adapter: SqlDriverAdapterLike = {
    provider: inner.provider,
    adapterName: inner.adapterName,
    queryRaw: (query) => guard.queryRaw(admission, inner, query),
    executeRaw: (query) => guard.executeRaw(admission, inner, query),
    executeScript: (script) => guard.send(admission, script, () => inner.executeScript(script)),
    async startTransaction(isolationLevel): Promise<TransactionLike> {
      // Counted from before BEGIN is sent: what runs beside it may be part of it already.
      const session = gate.openSession()
      const noted = session.note('BEGIN')
      if (noted === undefined) session.begin()
      else noted.end('answered')
      const opened = open.add(session)
      try {
        const begun = await inner.startTransaction(isolationLevel)
        opened.transaction = guardTransaction(guard, session, begun, () => open.remove(opened))
        return opened.transaction
      } catch (error) {
        open.remove(opened)
        session.rolledBack()
        throw error
      }
    },
    async dispose() {
      // A pool that is asked to end waits for the connections of open transactions.
      await open.abandon()
      await inner.dispose()
      if (open.isEmpty) all.delete(open)
    },
  }
  const { getConnectionInfo } = inner
  if (getConnectionInfo) adapter.getConnectionInfo = () => getConnectionInfo.call(inner)
  return adapter
}
