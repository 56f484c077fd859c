import { randomUUID } from 'node:crypto'
import { QuiesceError } from '../../domain/errors.ts'
import type { ShortTransaction } from '../../domain/executor.ts'
import type { Token } from '../../domain/token.ts'
import type { Change } from '../../domain/transition.ts'
import { readRow } from '../row.ts'
import {
  beginFreeze,
  confirmFreeze,
  endFreeze,
  freezeParameters,
  handFreeze,
  keepFreeze,
  lockCluster,
  lockFreeze,
  moveCluster,
} from './commit-statements.ts'
import { insertEvent } from './event-statements.ts'
import type { ServerLanguage } from './server.ts'
import type { StoreContext } from './store-context.ts'

/**
 * Applies one change of the cluster's state, all or nothing, if the state still is what the caller read; false, and
 * rolled back, when it is not.
 *
 * The lock on the cluster's one row makes transitions queue; each is decided on what the one before has committed.
 */
export async function commitChange(
  context: StoreContext,
  tx: ShortTransaction,
  language: ServerLanguage,
  expected: Token,
  change: Change,
  by: string,
): Promise<boolean> {
  const { tables: t, namespace } = context
  if (!(await isExpected(context, tx, language, expected, change)) || !(await confirmAll(context, tx, change))) {
    await tx.rollback()
    return false
  }
  const next = [change.epoch, randomUUID(), change.mode, change.database]
  const moved = await tx.execute(moveCluster(t), [...next, namespace, expected.nonce])
  if (moved.rowCount !== 1) {
    throw new QuiesceError(
      'QUIESCE_STATE_LOST',
      `The row of the namespace ${JSON.stringify(namespace)} changed although it was locked. Is the table of another engine than InnoDB?`,
    )
  }
  if (change.begin !== undefined) {
    await tx.execute(beginFreeze(t), freezeParameters(change.begin, namespace, change.epoch, change.database))
  }
  for (const { by: endedBy, why, note, id } of change.end)
    await tx.execute(endFreeze(t), [endedBy, why, note ?? null, id])
  for (const id of change.keep) await tx.execute(keepFreeze(t), [id])
  for (const { nonce, holder, onHolderLost, leaseMs, id } of change.hand)
    await tx.execute(handFreeze(t), [nonce, holder, onHolderLost, leaseMs, leaseMs, leaseMs, id])
  for (const { type, freezeId, detail } of change.events) {
    await tx.execute(insertEvent(t), [namespace, type, change.epoch, by, freezeId ?? null, JSON.stringify(detail)])
  }
  return true
}

/** Compared here, character by character: no collation has a say. */
async function isExpected(
  { tables: t, namespace }: StoreContext,
  tx: ShortTransaction,
  language: ServerLanguage,
  expected: Token,
  change: Change,
): Promise<boolean> {
  const [row] = (await tx.execute(lockCluster(t, language), [namespace])).rows
  if (row === undefined) return false
  const r = readRow(row)
  return (
    r.text('epoch') === expected.epoch &&
    r.text('nonce') === expected.nonce &&
    r.text('database_identity') === expected.database &&
    r.text('current_identity') === change.database
  )
}

async function confirmAll({ tables: t }: StoreContext, tx: ShortTransaction, { confirm }: Change): Promise<boolean> {
  for (const id of confirm) {
    await tx.execute(lockFreeze(t), [id])
    if ((await tx.execute(confirmFreeze(t), [id])).rowCount !== 1) return false
  }
  return true
}
