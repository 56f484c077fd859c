import type { ShortTransaction } from '../../domain/executor.ts'
import type { LockRecord, LockSelection } from '../../domain/lock-record.ts'
import type { CoordinationStore, LockAttempt, LockRequest } from '../../domain/store.ts'
import { decodeLock } from '../decode.ts'
import { readRow } from '../row.ts'
import { meaningOf } from './errors.ts'
import { insertEvent } from './event-statements.ts'
import {
  freeLock,
  insertLock,
  lockHeldRows,
  lockRow,
  releaseLock,
  renewLock,
  selectLocks,
  takeLock,
} from './lock-statements.ts'
import { change, inTransaction, rowsOf, run, type StoreContext } from './store-context.ts'

type Operations = 'acquireLock' | 'renewLock' | 'releaseLock' | 'locks' | 'releaseLocks'

/** Lease locks: one row a name, which stays when it is free. */
export function lockOperations(context: StoreContext): Pick<CoordinationStore, Operations> {
  const { tables: t, namespace } = context
  return {
    async acquireLock(request) {
      try {
        const attempt = await tryLock(context, request)
        if (attempt !== undefined) return attempt
        await run(context, insertLock(t), [namespace, request.name])
        return (await tryLock(context, request)) ?? { acquired: false, held: undefined }
      } catch (error) {
        if (meaningOf(error) === 'retry') return { acquired: false, held: undefined }
        throw error
      }
    },

    async renewLock(name, nonce, leaseMs) {
      return (await run(context, renewLock(t), [leaseMs, namespace, name, nonce])).rowCount === 1
    },

    async releaseLock(name, nonce) {
      return (await run(context, releaseLock(t), [namespace, name, nonce])).rowCount === 1
    },

    releaseLocks: (selection, by) => change(context, (tx) => freeAll(context, tx, selection, by)),

    locks: async () => (await rowsOf(context, selectLocks(t), [namespace])).map(decodeLock),
  }
}

/** One attempt under the row's lock; `undefined` when there is no row yet. */
async function tryLock(context: StoreContext, request: LockRequest): Promise<LockAttempt | undefined> {
  const { tables: t, namespace, server } = context
  const { name, holder, nonce, owner, leaseMs, statementTimeoutMs } = request
  const { language } = await server()
  return inTransaction(context, async (tx): Promise<LockAttempt | undefined> => {
    const select = language.bounded(lockRow(t), statementTimeoutMs)
    const [row] = (await tx.execute(select, [namespace, name])).rows
    if (row === undefined) return undefined
    // Decided and dated by a statement that was sent after the wait.
    const { rowCount } = await tx.execute(takeLock(t), [holder, nonce, owner, leaseMs, namespace, name])
    if (rowCount !== 1) return { acquired: false, held: decodeLock(row) }
    const r = readRow(row)
    const token = (BigInt(r.text('token')) + 1n).toString()
    const takenOverFrom = r.optionalText('holder')
    if (takenOverFrom !== undefined) await logTakeover(context, tx, request, token, takenOverFrom)
    return { acquired: true, token, takenOverFrom }
  })
}

async function logTakeover(
  { tables: t, namespace }: StoreContext,
  tx: ShortTransaction,
  { name, holder }: LockRequest,
  token: string,
  from: string,
): Promise<void> {
  const detail = JSON.stringify({ lock: name, token, from })
  await tx.execute(insertEvent(t), [namespace, 'lock-taken-over', null, holder, null, detail])
}

async function freeAll(
  { tables: t, namespace }: StoreContext,
  tx: ShortTransaction,
  selection: LockSelection,
  by: string,
): Promise<readonly LockRecord[]> {
  const chosen = selection.type === 'holder' ? [selection.holder] : selection.type === 'name' ? [selection.name] : []
  const reason = selection.type === 'name' ? selection.reason : null
  const { rows } = await tx.execute(lockHeldRows(t, selection.type), [namespace, ...chosen])
  const freed = rows.map(decodeLock)
  for (const { name, token, holder, owner } of freed) {
    await tx.execute(freeLock(t), [namespace, name])
    const detail = JSON.stringify({ lock: name, token, holder, owner, why: selection.type, reason })
    await tx.execute(insertEvent(t), [namespace, 'lock-released', null, by, null, detail])
  }
  return freed
}
