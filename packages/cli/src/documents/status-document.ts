import type { ClusterStatus, FreezeStatus } from '@quiesce/core'
import { z } from 'zod'
import { nodeEntry, nodeEntryOf } from './node-document.ts'

/** One active freeze in a document. */
export const freezeEntry = z.strictObject({
  id: z.string(),
  kind: z.enum(['machine', 'operator']),
  phase: z.enum(['draining', 'read-only']),
  epoch: z.string(),
  reason: z.string(),
  owner: z.string(),
  /** The node that holds it. */
  holder: z.string(),
  since: z.iso.datetime(),
  expectedEnd: z.iso.datetime().nullable(),
  onHolderLost: z.enum(['thaw', 'stay']),
  /** `null`: it has no lease. */
  leaseRemainingMs: z.number().nullable(),
  /** `null`: it has no deadline. */
  deadlineRemainingMs: z.number().nullable(),
  /** Exemptions by table, on top of the cluster's own. */
  exempt: z.record(z.string(), z.unknown()),
})

/** What `quiesce status --json` prints. */
export const statusDocument = z.strictObject({
  schema: z.literal('quiesce.status/1'),
  at: z.iso.datetime(),
  namespace: z.string(),
  mode: z.enum(['read-write', 'draining', 'read-only', 'unknown']),
  epoch: z.string().nullable(),
  /** Why the state must not be believed. */
  distrust: z.string().nullable(),
  freezes: z.array(freezeEntry),
  /** Other namespaces of this database with nodes that are alive; looked for only while this one has none. */
  elsewhere: z.array(z.strictObject({ namespace: z.string(), nodes: z.int() })),
  /** While it drains and every node has acked: the transactions in the server that it waits for. */
  writers: z.array(
    z.strictObject({
      pid: z.int(),
      application: z.string(),
      /** `null`: the server does not tell. */
      ageMs: z.number().nullable(),
      tables: z.array(z.string()),
      /** The beginning of its statement; `null` where the role may not see it. */
      query: z.string().nullable(),
    }),
  ),
  nodes: z.array(nodeEntry),
})

/** One active freeze as a document has it. */
export type FreezeEntry = z.output<typeof freezeEntry>
/** What `quiesce status --json` prints. */
export type StatusDocument = z.output<typeof statusDocument>

/** The document of a state that was read at `at`, by this process's clock. */
export function statusDocumentOf(status: ClusterStatus, at: Date): StatusDocument {
  return {
    schema: 'quiesce.status/1',
    at: at.toISOString(),
    namespace: status.namespace,
    mode: status.mode,
    epoch: status.epoch ?? null,
    distrust: status.distrust ?? null,
    freezes: status.freezes.map(freezeEntryOf),
    elsewhere: status.elsewhere.map((other) => ({ ...other })),
    writers: status.writers.map(({ pid, application, ageMs = null, tables, query = null }) => {
      return { pid, application, ageMs, tables: [...tables], query }
    }),
    nodes: status.nodes.map((node) => nodeEntryOf(node, status.epoch)),
  }
}

/** A freeze for a document. */
export function freezeEntryOf(freeze: FreezeStatus): FreezeEntry {
  const { drainRemainingMs: _drainRemainingMs, ...record } = freeze
  return {
    ...record,
    since: freeze.since.toISOString(),
    expectedEnd: freeze.expectedEnd?.toISOString() ?? null,
    leaseRemainingMs: freeze.leaseRemainingMs ?? null,
    deadlineRemainingMs: freeze.deadlineRemainingMs ?? null,
  }
}
