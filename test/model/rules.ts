/** The rules of the protocol; a variant breaks one of them. */
export interface Rules {
  /** A freeze waits for the acks of live nodes. */
  readonly waitForAcks: boolean
  /** A silent node's lease is waited out before the freeze goes on without its ack. */
  readonly waitOutLease: boolean
  /** A node acks when nothing is in flight. */
  readonly ackAfterDrain: boolean
  /** A write whose client gave up stays in flight until the server has ended it. */
  readonly unknownStaysInFlight: boolean
  /** A node registers before it reads the mode. */
  readonly registerFirst: boolean
  /** A process that starts again is a node of its own. */
  readonly freshNodeIds: boolean
  /** A node's lease counts from before the heartbeat was sent. */
  readonly leaseFromSend: boolean
  /** A node refuses writes when its own lease is over. */
  readonly nodeChecksLease: boolean
  /** A change is written only over the state that it was decided on. */
  readonly compareAndSet: boolean
  /** The database's identity is a part of the token. */
  readonly identityInToken: boolean
  /** A state that was lost is made anew only when every holder has had time to learn of it. */
  readonly adoptAfterLease: boolean
  /** A freeze has a lease, which others may end when it is over. */
  readonly holderLease: boolean
  /** A holder ends its freeze by its id, not whatever is active. */
  readonly endById: boolean
  /** A fence is named after the epoch of its freeze. */
  readonly fenceNamedByEpoch: boolean
  /** The fence that a freeze relies on is its own, made by waiting for open writers. */
  readonly fenceWaitsForWriters: boolean
  /** Nodes drop fences of freezes that are over. */
  readonly janitor: boolean
}

/** The protocol as it is. */
export const rules: Rules = {
  waitForAcks: true,
  waitOutLease: true,
  ackAfterDrain: true,
  unknownStaysInFlight: true,
  registerFirst: true,
  freshNodeIds: true,
  leaseFromSend: true,
  nodeChecksLease: true,
  compareAndSet: true,
  identityInToken: true,
  adoptAfterLease: true,
  holderLease: true,
  endById: true,
  fenceNamedByEpoch: true,
  fenceWaitsForWriters: true,
  janitor: true,
}
