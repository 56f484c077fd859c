import type { FreezeRecord } from '../domain/snapshot.ts'

/** How long transactions that have written may go on: until the first of the freezes that still drain loses patience. */
export function graceMs(freezes: readonly FreezeRecord[]): number {
  const draining = freezes.filter(({ phase }) => phase === 'draining')
  return draining.length === 0 ? 0 : Math.max(0, Math.min(...draining.map(({ drainRemainingMs }) => drainRemainingMs)))
}

/** As good as no deadline: the longest time that a timer can take. */
export const NEVER_MS = 2_147_483_647

/** The freezes that let somebody go on, together with those that he passes. */
export function withAll(grace: ReadonlySet<string>, passes: ReadonlySet<string> | undefined): ReadonlySet<string> {
  return passes === undefined ? grace : new Set([...grace, ...passes])
}
