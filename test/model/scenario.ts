import type { Rules } from './rules.ts'
import type { Times } from './world.ts'

/** Who takes part, and what may go wrong. */
export interface Scenario {
  readonly rules: Rules
  readonly times: Times
  readonly holders: number
  readonly nodes: number
  /** How many processes may run in each node's place, one after the other. */
  readonly lives: number
  /** Writes under way at the same time. */
  readonly writes: number
  /** Holders renew their leases. */
  readonly renews: boolean
  /** Holders thaw; without it they stay frozen until they die or their lease is over. */
  readonly thaws: boolean
  /** A holder may die. */
  readonly holderDies: boolean
  /** A standby that has copied the state once takes over once, with what it has got by then. */
  readonly failover: boolean
  /** Freezes fence the database. */
  readonly fence: boolean
  /** A program without a guard writes too. */
  readonly foreign: boolean
  /** Every write has ended within `times.writeBound`, as `acknowledged` assumes. */
  readonly boundedWrites: boolean
}

/** The shortest durations that keep the rules that `createCluster()` demands, with clocks that run alike. */
export const times: Times = {
  nodeLease: 1,
  nodeLeaseHere: 1,
  writeBound: 1,
  waitOut: 1,
  freezeLease: 2,
  freezeLeaseHere: 2,
}
