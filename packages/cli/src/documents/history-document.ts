import type { RecordedEvent } from '@quiesce/core'
import { z } from 'zod'

/** One line of the audit trail in a document. */
const eventEntry = z.strictObject({
  at: z.iso.datetime(),
  type: z.string(),
  epoch: z.string().nullable(),
  node: z.string().nullable(),
  freezeId: z.string().nullable(),
  /** What belongs to it; its keys depend on the type. */
  detail: z.record(z.string(), z.unknown()),
})

/** What `quiesce history --json` prints, the newest first. */
export const historyDocument = z.strictObject({
  schema: z.literal('quiesce.history/1'),
  events: z.array(eventEntry),
})

/** What `quiesce history --json` prints. */
export type HistoryDocument = z.output<typeof historyDocument>

/** The document of these events. */
export function historyDocumentOf(events: readonly RecordedEvent[]): HistoryDocument {
  return {
    schema: 'quiesce.history/1',
    events: events.map(({ at, type, epoch, node, freezeId, detail }) => ({
      at: at.toISOString(),
      type,
      epoch: epoch ?? null,
      node: node ?? null,
      freezeId: freezeId ?? null,
      detail,
    })),
  }
}
