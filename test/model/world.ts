import type { FreezePhase, Mode } from '../../packages/core/src/domain/mode.ts'
import type { OnHolderLost } from '../../packages/core/src/domain/snapshot.ts'
import type { Change } from '../../packages/core/src/domain/transition.ts'

/** Durations in ticks; the rules between them are those that `createCluster()` demands. */
export interface Times {
  /** How long the database takes a node's word. */
  readonly nodeLease: number
  /** How long the node itself takes it, counted from before the heartbeat was sent. */
  readonly nodeLeaseHere: number
  /** The longest life of a write, from its admission to its commit. */
  readonly writeBound: number
  /** How long a silent node is waited out beyond its lease. */
  readonly waitOut: number
  readonly freezeLease: number
  readonly freezeLeaseHere: number
}

/** A freeze as its row says it; times are ticks. */
export interface FreezeRow {
  readonly id: string
  readonly nonce: string
  phase: FreezePhase
  readonly epoch: number
  readonly database: string
  readonly holder: string
  readonly onHolderLost: OnHolderLost
  /** `null` for one without a lease. */
  lease: number | null
}

/** A node as its row says it. */
export interface NodeRow {
  readonly id: string
  acked: number
  lease: number
}

/** Everything that the database holds. */
export interface Database {
  identity: string
  epoch: number
  nonce: number
  /** The identity in the token. */
  owner: string
  mode: Mode
  freezes: FreezeRow[]
  nodes: NodeRow[]
  /** Names of the fences that stand on the protected tables. */
  fences: string[]
}

/** What a heartbeat read, on its way back to the node. */
export interface Reading {
  readonly epoch: number
  readonly mode: Mode
  readonly believable: boolean
  readonly registered: boolean
}

/** A heartbeat on its way: its age, the ack that it carries, and the answer once there is one. */
export interface Beat {
  age: number
  readonly acked: number
  reading: Reading | null
}

/** A change that was decided on a state that was read before. */
export interface Proposal {
  readonly nonce: number
  readonly change: Change
}

/** A process with a guard. */
export interface NodeProcess {
  id: string | null
  registered: boolean
  gate: 'starting' | Mode | 'shut'
  /** The newest epoch that it has applied. */
  epoch: number
  acked: number
  /** What it takes its own lease for. */
  lease: number
  beat: Beat | null
  /** How long it has not believed the state. */
  lostFor: number | null
  /** Processes that have run in this place, this one included. */
  lives: number
}

/** A job that freezes the cluster. */
export interface Holder {
  readonly name: string
  step: 'idle' | 'waiting' | 'answered' | 'fenced' | 'frozen' | 'lifting' | 'done' | 'dead'
  epoch: number
  /** What it takes its own lease for; it believes in its freeze while this is above 0. */
  lease: number
  /** What it means to write to end its freeze. */
  thaw: Proposal | null
}

/** A protected write between its admission and its end. */
export interface Write {
  /** The place of its node, or -1 for a program without a guard. */
  readonly from: number
  /** Which life of that place sent it. */
  readonly life: number
  stage: 'on its way' | 'in the server'
  age: number
  /** Its node does not count it as in flight any more. */
  uncounted: boolean
}

/** One state of everything. */
export interface World {
  database: Database
  /** What a standby would take over with; `null` where there is none. */
  standby: Database | null
  /** The standby has caught up; after that it lags for good. */
  copied: boolean
  failedOver: boolean
  nodes: NodeProcess[]
  holders: Holder[]
  writes: Write[]
  /** A node that has seen a freeze run out, and what it means to write. */
  takeover: Proposal | null
}
