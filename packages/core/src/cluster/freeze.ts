import type { Guarantee } from '../domain/guarantee.ts'
import type { FenceReport } from './fencer.ts'
import type { HoldState } from './holding.ts'
import type { NodesAnswer } from './wait-for-nodes.ts'

/** A freeze that this process holds. */
export interface Freeze {
  readonly id: string
  readonly epoch: string
  readonly guarantee: Guarantee
  /** How the database itself refuses writes, what can slip past it, or why it does not. */
  readonly fence: FenceReport
  /**
   * Passes the fence of this freeze: a secret, which is stored nowhere and dies with the freeze. PostgreSQL takes it in
   * the setting `quiesce.token` of a transaction. `undefined` without a fence. Not enumerable, so it reaches no log.
   */
  readonly token: string | undefined
  /** Nodes that only report and go on writing; empty unless `acceptReporting` let them. */
  readonly reporting: NodesAnswer['reporting']
  /** Which nodes acked, and after how many milliseconds. */
  readonly acks: NodesAnswer['acks']
  /** Nodes whose lease ran out before they acked; they were waited out. */
  readonly lost: readonly string[]
  /** Instances that another source of `detect` sees and that are no nodes: they were given time, and cannot ack. */
  readonly unregistered: number
  /** False where the server does not tell which transactions of other programs are alive, so they were not waited for. */
  readonly serverDrained: boolean
  /** How long the parts took, in milliseconds. */
  readonly timings: FreezeTimings
  /**
   * Aborts when the freeze is not certain any more: stop the work. An operator's freeze has no lease that could run out,
   * so its signal stays silent; ask with `assertHeld()`.
   */
  readonly signal: AbortSignal
  /** What this process knows without asking; `assertHeld()` asks. */
  readonly state: HoldState
  /**
   * Asks the database whether the freeze still holds; do so before a step that cannot be undone.
   *
   * @throws QuiesceError `QUIESCE_FREEZE_ENDED` when it does not.
   */
  assertHeld(): Promise<void>
  /** Moves the end that clients are told. The deadline of `maxFreezeMs` stays. */
  extend(change: { readonly expectedEnd: Date }): Promise<void>
  /** Gives the writes back; idempotent. A holder that was taken over changes nothing. */
  thaw(): Promise<ThawResult>
}

/** How long the parts of a freeze took, from its beginning. */
export interface FreezeTimings {
  /** Until every node had stopped admitting writes. */
  readonly seenMs: number
  /** Until every node had nothing in flight. */
  readonly ackedMs: number
  /** Until every writing transaction in the server had ended, or the fence stood. */
  readonly drainedMs: number
  readonly totalMs: number
}

/** What a thaw did. */
export interface ThawResult {
  /** False when the freeze had ended before, by whomever. */
  readonly changed: boolean
}
