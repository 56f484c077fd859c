import type { Guarantee } from '@quiesce/core'

/** What the run knows of one round: faults, and a freeze while they last. */
export interface Round {
  readonly number: number
  readonly fault: string
  /** The freeze that resolved, if one did. */
  readonly freeze: { readonly id: string; readonly guarantee: Guarantee; readonly resolvedAt: number } | undefined
  /** Why no freeze resolved. */
  readonly failure?: string | undefined
  /** Writers whose statements may be under way past an `acknowledged` freeze: paused, or cut off with bytes on the way. */
  readonly mayBeLate: readonly string[]
  /** Whether the freeze may end although its holder did not thaw it. */
  readonly mayLoseFreeze: boolean
  /** What the cluster came to after the faults had ended. */
  readonly recovery: Recovery
  readonly tookMs: number
}

/** The cluster once the faults have ended. */
export interface Recovery {
  /** How long it took until every writer wrote again; `undefined` when it did not within the bound. */
  readonly afterMs: number | undefined
  readonly boundMs: number
  /** Who did not write again, and what else was not as declared. */
  readonly missing: readonly string[]
  /** Freezes, fences, locks, runs and transactions that nobody holds any more, named. */
  readonly orphans: readonly string[]
}

/** A lock as one process was granted it. */
export interface Grant {
  readonly lock: string
  readonly holder: string
  readonly token: string
  readonly grantedAt: number
  /** When its holder last asked the database and was told that it still holds: the moment of the question. */
  readonly lastHeldAt: number | undefined
}
