import type { Clock, Moment } from './clock.ts'

/** The share of a lease that clocks may disagree about: a lease is over locally 5 % before it is in the database. */
export const CLOCK_RATE_MARGIN = 0.05

/**
 * A time-bounded claim whose truth is in the database, judged here by the age of its last renewal.
 *
 * The age counts from before the renewal was sent, so a slow answer makes the lease shorter, never longer. Both clocks
 * must agree that it holds: the monotonic one stands still while a machine is suspended, the wall clock may be set.
 */
export interface Lease {
  /** Records that a renewal which was sent at `sentAt` has been confirmed by the database for `durationMs`. */
  renewed(sentAt: Moment, durationMs?: number): void
  /** Gives the claim up at once. */
  drop(): void
  /** Whether the claim held at that moment; synchronous and free of allocation, for each admission. */
  isFreshAt(monotonicMs: number, wallMs: number): boolean
  isFresh(): boolean
  /** Milliseconds until it is over locally, 0 when it is. */
  remainingMs(): number
}

/** Makes a lease of `defaultDurationMs` that is not held yet. */
export function createLease(clock: Clock, defaultDurationMs: number): Lease {
  let monotonicEnd = Number.NEGATIVE_INFINITY
  let wallEnd = Number.NEGATIVE_INFINITY
  const isFreshAt = (monotonicMs: number, wallMs: number): boolean => monotonicMs < monotonicEnd && wallMs < wallEnd
  return {
    isFreshAt,
    isFresh: () => isFreshAt(clock.monotonicMs(), clock.wallMs()),
    renewed(sentAt, durationMs = defaultDurationMs) {
      const usableMs = durationMs * (1 - CLOCK_RATE_MARGIN)
      monotonicEnd = sentAt.monotonicMs + usableMs
      wallEnd = sentAt.wallMs + usableMs
    },
    drop() {
      monotonicEnd = Number.NEGATIVE_INFINITY
      wallEnd = Number.NEGATIVE_INFINITY
    },
    remainingMs: () => Math.max(0, Math.min(monotonicEnd - clock.monotonicMs(), wallEnd - clock.wallMs())),
  }
}
