import type { CoordinationStore, LockAttempt, LockRequest } from '../../domain/store.ts'
import { decodeLock } from '../decode.ts'
import { readRow } from '../row.ts'
import { meaningOf } from './errors.ts'
import { insertEvent } from './event-statements.ts'
import type { SqliteStatements } from './executor.ts'
import {
  freeLock,
  releaseLock,
  renewLock,
  selectChosenLocks,
  selectLock,
  selectLocks,
  takeLock,
} from './lock-statements.ts'
import { change, rowsOf, type StoreContext } from './store-context.ts'

type Operations = 'acquireLock' | 'renewLock' | 'releaseLock' | 'locks' | 'releaseLocks'

/** Lease locks: one row a name, which stays when it is free. They also hold between processes that have not started. */
export function lockOperations(context: StoreContext): Pick<CoordinationStore, Operations> {
  const { executor, tables: t, namespace } = context
  return {
    async acquireLock(request) {
      try {
        return await executor.change((db) => tryLock(context, db, request), request.statementTimeoutMs)
      } catch (error) {
        if (meaningOf(error) === 'busy') return { acquired: false, held: undefined }
        throw error
      }
    },

    renewLock: async (name, nonce, leaseMs) =>
      (await change(context, (db) => db.run(renewLock(t), { namespace, name, nonce, leaseMs }))) === 1,

    releaseLock: async (name, nonce) =>
      (await change(context, (db) => db.run(releaseLock(t), { namespace, name, nonce }))) === 1,

    releaseLocks: (selection, by) =>
      change(context, (db) => {
        const { type } = selection
        const chosen = type === 'holder' ? selection.holder : type === 'name' ? selection.name : null
        const reason = type === 'name' ? selection.reason : null
        const locks = db.all(selectChosenLocks(t), { namespace, type, chosen }).map(decodeLock)
        for (const { name, token, holder, owner } of locks) {
          db.run(freeLock(t), { namespace, name })
          const detail = { lock: name, token, holder, owner, why: type, reason }
          insertEvent(t, db, { namespace, type: 'lock-released', node: by, detail })
        }
        return locks
      }),

    locks: async () => (await rowsOf(context, selectLocks(t), { namespace })).map(decodeLock),
  }
}

function tryLock({ tables: t, namespace }: StoreContext, db: SqliteStatements, request: LockRequest): LockAttempt {
  const { name, holder, nonce, owner, leaseMs } = request
  const [taken] = db.all(takeLock(t), { namespace, name, holder, nonce, owner, leaseMs })
  if (taken === undefined) {
    const [row] = db.all(selectLock(t), { namespace, name })
    return { acquired: false, held: row === undefined ? undefined : decodeLock(row) }
  }
  const r = readRow(taken)
  const [token, from] = [r.text('token'), r.optionalText('taken_over_from')]
  if (from !== undefined) {
    insertEvent(t, db, { namespace, type: 'lock-taken-over', node: holder, detail: { lock: name, token, from } })
  }
  return { acquired: true, token, takenOverFrom: from }
}
