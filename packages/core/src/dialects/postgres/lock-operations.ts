import type { CoordinationStore, LockAttempt, LockRequest } from '../../domain/store.ts'
import { decodeLock } from '../decode.ts'
import { readRow } from '../row.ts'
import { meaningOf } from './errors.ts'
import { acquireLock, freeLocks, releaseLock, renewLock, selectLocks } from './lock-statements.ts'
import { rowsOf, type StoreContext } from './store-context.ts'

type Operations = 'acquireLock' | 'renewLock' | 'releaseLock' | 'locks' | 'releaseLocks'

/** Lease locks: one row a name, which stays when it is free. */
export function lockOperations(context: StoreContext): Pick<CoordinationStore, Operations> {
  const { executor, tables: t, namespace } = context
  return {
    async acquireLock(request: LockRequest): Promise<LockAttempt> {
      const { name, holder, nonce, owner, leaseMs, statementTimeoutMs } = request
      const parameters = [namespace, name, holder, nonce, owner, leaseMs, `${statementTimeoutMs}ms`]
      try {
        const [row = {}] = (await executor.execute(acquireLock(t), parameters)).rows
        const r = readRow(row)
        const token = r.optionalText('taken_token')
        if (token !== undefined) return { acquired: true, token, takenOverFrom: r.optionalText('taken_over_from') }
        return { acquired: false, held: r.optionalText('name') === undefined ? undefined : decodeLock(row) }
      } catch (error) {
        if (meaningOf(error) === 'retry') return { acquired: false, held: undefined }
        throw error
      }
    },

    async renewLock(name, nonce, leaseMs) {
      return (await rowsOf(context, renewLock(t), [namespace, name, nonce, leaseMs])).length === 1
    },

    async releaseLock(name, nonce) {
      return (await rowsOf(context, releaseLock(t), [namespace, name, nonce])).length === 1
    },

    async releaseLocks(selection, by) {
      const chosen = selection.type === 'holder' ? selection.holder : selection.type === 'name' ? selection.name : null
      const reason = selection.type === 'name' ? selection.reason : null
      return (await rowsOf(context, freeLocks(t), [namespace, by, selection.type, chosen, reason])).map(decodeLock)
    },

    locks: async () => (await rowsOf(context, selectLocks(t), [namespace])).map(decodeLock),
  }
}
