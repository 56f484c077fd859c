import { randomUUID } from 'node:crypto'
import type { Token } from '../../domain/token.ts'
import type { Change } from '../../domain/transition.ts'
import {
  alive,
  beginFreeze,
  confirmFreeze,
  endFreeze,
  freezeParameters,
  handFreeze,
  keepFreeze,
  moveCluster,
} from './commit-statements.ts'
import { insertEvent } from './event-statements.ts'
import type { SqliteStatements } from './executor.ts'
import type { StoreContext } from './store-context.ts'

/**
 * Applies one change of the cluster's state if the state still is what the caller read; false, and nothing done, when it
 * is not. The caller's transaction has the write lock, so nothing moves between the checks and the change.
 */
export function commitChange(
  { tables: t, namespace, executor }: StoreContext,
  db: SqliteStatements,
  expected: Token,
  change: Change,
  by: string,
): boolean {
  const { epoch, mode, database } = change
  const isAlive = (id: string): boolean =>
    db.all(`SELECT 1 FROM ${t.freeze} WHERE id = @id AND ${alive}`, { id }).length === 1
  if (!change.confirm.every(isAlive)) return false
  const moved = db.run(moveCluster(t), {
    namespace,
    marks: executor.marks(),
    expectedEpoch: expected.epoch,
    expectedNonce: expected.nonce,
    expectedDatabase: expected.database,
    epoch,
    nonce: randomUUID(),
    mode,
    database,
  })
  if (moved !== 1) return false
  if (change.begin !== undefined) db.run(beginFreeze(t), freezeParameters(change.begin, namespace, epoch, database))
  for (const id of change.confirm) db.run(confirmFreeze(t), { id })
  for (const { id, by: endedBy, why, note = null } of change.end) db.run(endFreeze(t), { id, by: endedBy, why, note })
  for (const id of change.keep) db.run(keepFreeze(t), { id })
  for (const handover of change.hand) db.run(handFreeze(t), { ...handover })
  for (const event of change.events) insertEvent(t, db, { ...event, namespace, epoch, node: by })
  return true
}
