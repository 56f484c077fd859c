import type { FreezeRecord } from '../domain/snapshot.ts'

/** How long transactions that have written may go on: until the first of the freezes that still drain loses patience. */
export function graceMs(freezes: readonly FreezeRecord[]): number {
  const draining = freezes.filter(({ phase }) => phase === 'draining')
  return draining.length === 0 ? 0 : Math.max(0, Math.min(...draining.map(({ drainRemainingMs }) => drainRemainingMs)))
}

/** The grace of transactions where nothing is refused: longer than any process lives. */
export const NEVER_MS = 2_147_483_647
