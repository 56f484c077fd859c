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
  /** When it is over, by each clock; for the admissions, which ask both clocks themselves and call nothing else. */
  readonly monotonicEndMs: number
  readonly wallEndMs: number
  isFresh(): boolean
  /** Milliseconds until it is over locally, 0 when it is. */
  remainingMs(): number
}

/** Makes a lease of `defaultDurationMs` that is not held yet. */
export function createLease(clock: Clock, defaultDurationMs: number): Lease {
  return new LocalLease(clock, defaultDurationMs)
}

class LocalLease implements Lease {
  monotonicEndMs = Number.NEGATIVE_INFINITY
  wallEndMs = Number.NEGATIVE_INFINITY
  readonly #clock: Clock
  readonly #defaultDurationMs: number

  constructor(clock: Clock, defaultDurationMs: number) {
    this.#clock = clock
    this.#defaultDurationMs = defaultDurationMs
  }

  renewed(sentAt: Moment, durationMs = this.#defaultDurationMs): void {
    const usableMs = durationMs * (1 - CLOCK_RATE_MARGIN)
    this.monotonicEndMs = sentAt.monotonicMs + usableMs
    this.wallEndMs = sentAt.wallMs + usableMs
  }

  drop(): void {
    this.monotonicEndMs = Number.NEGATIVE_INFINITY
    this.wallEndMs = Number.NEGATIVE_INFINITY
  }

  isFresh(): boolean {
    return this.#clock.monotonicMs() < this.monotonicEndMs && this.#clock.wallMs() < this.wallEndMs
  }

  remainingMs(): number {
    const left = Math.min(this.monotonicEndMs - this.#clock.monotonicMs(), this.wallEndMs - this.#clock.wallMs())
    return Math.max(0, left)
  }
}
