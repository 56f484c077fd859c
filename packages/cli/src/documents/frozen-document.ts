import type { Freeze } from '@quiesce/core'
import { z } from 'zod'

/** What a freeze came to, in a document. */
export const frozenEntry = z.strictObject({
  freezeId: z.string(),
  epoch: z.string(),
  guarantee: z.enum(['none', 'local', 'acknowledged', 'fenced']),
  /** Nodes that acked. */
  acked: z.int(),
  /** Nodes whose lease ran out before they acked; they were waited out. */
  lost: z.array(z.string()),
  /** Instances that are no nodes and cannot ack. */
  unregistered: z.int(),
  /** Whether transactions of other programs were waited for. */
  serverDrained: z.boolean(),
  /** How the database itself refuses writes; `backend` is `null` when it does not, and `reason` says why. */
  fence: z.strictObject({
    backend: z.string().nullable(),
    tables: z.int(),
    /** What can still be written past it. */
    gaps: z.array(z.string()),
    reason: z.string().nullable(),
  }),
  timings: z.strictObject({ seenMs: z.number(), ackedMs: z.number(), drainedMs: z.number(), totalMs: z.number() }),
})

/** What `quiesce freeze --json` prints. */
export const frozenDocument = frozenEntry.extend({ schema: z.literal('quiesce.frozen/1') })

/** What a freeze came to. */
export type FrozenEntry = z.output<typeof frozenEntry>
/** What `quiesce freeze --json` prints. */
export type FrozenDocument = z.output<typeof frozenDocument>

/** A freeze for a document. */
export function frozenEntryOf(freeze: Freeze): FrozenEntry {
  const { id, epoch, guarantee, acks, lost, unregistered, serverDrained, timings, fence } = freeze
  return {
    freezeId: id,
    epoch,
    guarantee,
    acked: acks.length,
    lost: [...lost],
    unregistered,
    serverDrained,
    fence: {
      backend: fence.backend ?? null,
      tables: fence.tables,
      gaps: fence.gaps.map(({ message }) => message),
      reason: fence.reason ?? null,
    },
    timings: { ...timings },
  }
}
