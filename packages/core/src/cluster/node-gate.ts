import type { Gate } from '../domain/admission.ts'
import type { RefusedWrite } from '../domain/read-only-error.ts'
import type { DrainStatus, UnknownWrite } from './drain.ts'
import type { AppliedState } from './gate-options.ts'

/** The gate with the side that only the follower of its node may touch. */
export interface NodeGate extends Gate {
  /**
   * Applies a state that was read from the database; from this moment no protected write that it forbids is admitted.
   *
   * `continuous` tells that the node's lease never lapsed since the state before: only then may transactions that have
   * written go on; after a lapse the cluster may have stopped waiting for them.
   */
  apply(state: AppliedState, continuous: boolean): void
  /** False when the node only reports. */
  readonly enforces: boolean
  /** Refuses what is not SQL while writes are refused. @throws ReadOnlyError */
  check(write: RefusedWrite): void
  /** Refuses writes because the node cannot vouch for the mode any more. */
  shut(because: 'lease-lost' | 'state-lost'): void
  /** Refuses writes for good; transactions that have written may go on for `graceMs`. */
  close(graceMs: number): void
  /** What is still in flight that the applied state forbids. */
  drain(): DrainStatus
  /** The writes in flight, whatever the mode, by table; `undefined` where their text does not tell it. */
  writesInFlight(): ReadonlyMap<string | undefined, number>
  /** Called whenever a drain may have come to its end. */
  onDrainProgress: () => void
  /** Protected writes that ended without the server's answer. */
  unknownWrites(): readonly UnknownWrite[]
  /** A barrier has passed: these are not alive in the server any more. */
  forgetUnknown(gone: readonly UnknownWrite[]): void
}
