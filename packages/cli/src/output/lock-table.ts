import type { LockEntry } from '../documents/lock-document.ts'
import { table } from './table.ts'
import { duration, plain, shortId } from './words.ts'

/** Locks for people. */
export function lockTable(locks: readonly LockEntry[]): string {
  const rows = locks.map(({ name, token, holder, owner, heldForMs, leaseRemainingMs }) => [
    plain(name),
    token,
    leaseWord(holder, leaseRemainingMs),
    duration(heldForMs ?? undefined),
    plain(owner ?? '-'),
    holder === null ? '-' : shortId(holder),
  ])
  return table(['LOCK', 'TOKEN', 'LEASE', 'HELD FOR', 'OWNER', 'NODE'], rows)
}

function leaseWord(holder: string | null, leaseRemainingMs: number | null): string {
  if (holder === null || leaseRemainingMs === null) return 'free'
  return leaseRemainingMs > 0 ? duration(leaseRemainingMs) : 'over'
}
