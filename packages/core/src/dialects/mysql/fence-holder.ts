import type { Statements } from '../../domain/executor.ts'
import type { FenceSpec } from '../../domain/fence.ts'
import { fenceError } from '../../domain/fence-error.ts'
import type { TableNames } from './names.ts'

/**
 * Fails when the freeze has ended, or has another holder: who slept so long has no say in who passes its fence. `locked`
 * may make of the statement one that keeps it so to the end of the transaction.
 */
export async function assertHolder(
  one: Pick<Statements, 'execute'>,
  { freeze }: TableNames,
  { freezeId, nonce }: FenceSpec,
  locked: (select: string) => string = (select) => select,
): Promise<void> {
  const sql = `SELECT 1 FROM ${freeze} WHERE id = ? AND nonce = ? AND ended_at IS NULL`
  if ((await one.execute(locked(sql), [freezeId, nonce])).rows.length === 1) return
  throw fenceError([
    'the freeze has ended or was taken over meanwhile, so this process has no say in its fence any more',
  ])
}
