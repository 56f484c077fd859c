import type { Clock } from '../domain/clock.ts'
import type { Lease } from '../domain/lease.ts'
import type { NodeIdentity } from '../domain/node-record.ts'
import type { CoordinationStore } from '../domain/store.ts'
import type { EventHub } from './events.ts'
import type { Pace } from './follower-pace.ts'
import type { NodeGate } from './node-gate.ts'
import type { OwnFreezes } from './own-freezes.ts'
import type { Recovery } from './recovery.ts'
import type { UnknownWrites } from './unknown-writes.ts'

/** What a follower is made of. */
export interface FollowerOptions extends Pace {
  readonly store: CoordinationStore
  readonly gate: NodeGate
  readonly lease: Lease
  readonly clock: Clock
  readonly events: EventHub
  readonly recovery: Recovery
  readonly unknownWrites: UnknownWrites
  readonly identity: Omit<NodeIdentity, 'id'>
  /** Told of each state that was applied, and that the state was lost. */
  readonly holders: Pick<OwnFreezes, 'observe' | 'loseAll'>
}
