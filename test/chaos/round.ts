import type { FreezeTimings, Guarantee } from '@quiesce/core'

/** What the run knows of one round: faults, and a freeze while they last. */
export interface Round {
  readonly number: number
  readonly fault: string
  /** The freeze that resolved, if one did. */
  readonly freeze: ResolvedFreeze | undefined
  /** Why no freeze resolved. */
  readonly failure?: string | undefined
  /** Writers whose statements may be under way past an `acknowledged` freeze: paused, or cut off with bytes on the way. */
  readonly mayBeLate: readonly string[]
  /** Until when applications may begin to write in an `acknowledged` freeze that nobody knew them for. */
  readonly unknownUntil?: number | undefined
  /** Whether the freeze may end although its holder did not thaw it. */
  readonly mayLoseFreeze: boolean
  /** When the server lost commits that it had acknowledged, as its setting allows. */
  readonly lapse?: Lapse | undefined
  /** What the cluster came to after the faults had ended. */
  readonly recovery: Recovery
  /** How long the thaw took; `undefined` when there was none or it failed. */
  readonly thawMs: number | undefined
  readonly tookMs: number
}

/** A freeze that its holder was given. */
export interface ResolvedFreeze {
  readonly id: string
  readonly guarantee: Guarantee
  /** Milliseconds of the machine's monotonic clock. */
  readonly resolvedAt: number
  /** Which part of it took how long. */
  readonly timings: FreezeTimings
}

/** Milliseconds of the machine's monotonic clock. */
export interface Lapse {
  readonly from: number
  readonly until: number
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
