import { z } from 'zod'
import { QuiesceError } from '../domain/errors.ts'
import type { LockTable, RowLockWait } from '../domain/lock-record.ts'
import type { CoordinationStore } from '../domain/store.ts'
import { lockName } from './lock.ts'
import { configError, problemsOf } from './options.ts'

const identifier = z.string().min(1).max(128)
const requestSchema = z.strictObject({
  name: lockName,
  wait: z.union([z.enum(['nowait', 'skip-locked']), z.int().min(1).max(2_147_483_647)]).optional(),
  table: z.strictObject({ schema: identifier.optional(), table: identifier, nameColumn: identifier }).optional(),
})

/** How a transaction lock is asked for. */
export interface TransactionLockOptions {
  /** How long to wait for another holder: milliseconds, `'nowait'` or `'skip-locked'`. Default `lock.statementTimeoutMs`. */
  readonly wait?: RowLockWait
  /** The table of another program with one row a lock, to share the lock with it. Default: a table of our own. */
  readonly table?: LockTable
}

/**
 * Runs `fn` while a row is locked in an open transaction: for short work, freed by the server when the process dies.
 *
 * @throws QuiesceError `QUIESCE_LOCK_HELD` when somebody else has it for longer than the wait, `QUIESCE_LEASE_LOST` when it was
 *   gone before the work had ended, `QUIESCE_CONFIG`.
 */
export async function withTransactionLock<T>(
  store: CoordinationStore,
  name: string,
  fn: (lost: AbortSignal) => T | Promise<T>,
  options: TransactionLockOptions & { readonly wait: RowLockWait },
): Promise<T> {
  const parsed = requestSchema.safeParse({ ...options, name })
  if (!parsed.success) throw configError('withTransactionLock()', problemsOf(parsed.error, { ...options, name }))
  const { wait, table } = options
  const held = await store.holdRow({ name, wait, table }, async (lost) => fn(lost))
  if (held !== undefined) return held.value
  const waited = typeof wait === 'number' ? `${wait} ms` : wait
  throw new QuiesceError(
    'QUIESCE_LOCK_HELD',
    `The lock ${JSON.stringify(name)} is held by another transaction (wait: ${waited}). Try again later.`,
    { name, wait },
  )
}
