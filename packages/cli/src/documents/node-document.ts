import type { NodeRecord } from '@quiesce/core'
import { z } from 'zod'

/** One node in a document. Durations are milliseconds, epochs decimal strings. */
export const nodeEntry = z.strictObject({
  id: z.string(),
  host: z.string(),
  pid: z.int(),
  application: z.string(),
  status: z.enum(['alive', 'overdue', 'lost']),
  /** A node that only reports never acks. */
  enforcement: z.enum(['enforce', 'report']),
  libraryVersion: z.string(),
  protocolVersion: z.int(),
  policyHash: z.string(),
  startedAt: z.iso.datetime(),
  heartbeatAgeMs: z.number(),
  /** Negative when the lease is over. */
  leaseRemainingMs: z.number(),
  seenEpoch: z.string(),
  ackedEpoch: z.string(),
  /** Whether it has acked the cluster's present epoch; while everybody writes that comes with the next heartbeat. */
  acked: z.boolean(),
  inFlight: z.int(),
  unknown: z.int(),
  oldest: z.string().nullable(),
})

/** What `quiesce nodes --json` prints. */
export const nodesDocument = z.strictObject({
  schema: z.literal('quiesce.nodes/1'),
  namespace: z.string(),
  epoch: z.string().nullable(),
  nodes: z.array(nodeEntry),
})

/** One node as a document has it. */
export type NodeEntry = z.output<typeof nodeEntry>
/** What `quiesce nodes --json` prints. */
export type NodesDocument = z.output<typeof nodesDocument>

/** A node for a document of a cluster at this epoch. */
export function nodeEntryOf(node: NodeRecord, epoch: string | undefined): NodeEntry {
  const { heartbeatMs: _heartbeatMs, leaseMs: _leaseMs, ...record } = node
  return {
    ...record,
    startedAt: node.startedAt.toISOString(),
    acked: epoch !== undefined && BigInt(node.ackedEpoch) >= BigInt(epoch),
    oldest: node.oldest ?? null,
  }
}
