/** Whether a node's word can be expected: alive, overdue (lease still valid, heartbeat late) or lost (lease over). */
export type NodeStatus = 'alive' | 'overdue' | 'lost'

/** What a node says of itself when it joins. */
export interface NodeIdentity {
  /** A UUID made at start, never re-used. */
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly application: string
  readonly libraryVersion: string
  readonly protocolVersion: number
  /** Names the exemptions that it was configured with; nodes of one cluster must agree. */
  readonly policyHash: string
  readonly heartbeatMs: number
  readonly leaseMs: number
}

/** What a node reports with each heartbeat. */
export interface NodeReport {
  /** The newest epoch that it has applied to its gate. */
  readonly seenEpoch: string
  /** The newest epoch since which it admits no protected write and has none in flight. */
  readonly ackedEpoch: string
  /** Protected writes and writing transactions that it still has in flight. */
  readonly inFlight: number
  /** Of them those whose outcome the server has not told (time-out, lost connection). */
  readonly unknown: number
  /** The oldest of them in a few words, never with parameter values. */
  readonly oldest: string | undefined
}

/** Whether a node refuses what a freeze forbids, or lets it pass and tells. */
export type Enforcement = 'enforce' | 'report'

/** One registered node as the database has it. */
export interface NodeRecord extends NodeIdentity, NodeReport {
  /** A node that only reports never acks a freeze. */
  readonly enforcement: Enforcement
  readonly status: NodeStatus
  readonly startedAt: Date
  readonly heartbeatAgeMs: number
  /** Negative when the lease is over. */
  readonly leaseRemainingMs: number
}

const REPORTS = 'report:'

/** The policy hash under which a node registers: it tells who only reports, for every version of the tables. */
export function markedPolicyHash(hash: string, enforcement: Enforcement): string {
  return enforcement === 'report' ? `${REPORTS}${hash}` : hash
}

/** What a node's policy hash says of its enforcement. */
export function enforcementOf(policyHash: string): Enforcement {
  return policyHash.startsWith(REPORTS) ? 'report' : 'enforce'
}

/** Judges a node by the database's clock: two heartbeats missed make it overdue, a lease that ran out makes it lost. */
export function nodeStatus(heartbeatAgeMs: number, heartbeatMs: number, leaseRemainingMs: number): NodeStatus {
  if (leaseRemainingMs <= 0) return 'lost'
  return heartbeatAgeMs > 2 * heartbeatMs ? 'overdue' : 'alive'
}
