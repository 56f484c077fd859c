import type { RunInfo } from '@quiesce/core'
import { z } from 'zod'

/** One run in a document. */
export const runEntry = z.strictObject({
  id: z.string(),
  name: z.string(),
  reason: z.string(),
  owner: z.string(),
  /** The node that holds it. */
  holder: z.string(),
  phase: z.enum(['enter', 'preflight', 'lock', 'freeze', 'steps', 'verify', 'rollback', 'thaw', 'ended']),
  /** `null` until it has ended. */
  outcome: z.enum(['done', 'failed', 'cancelled', 'timed-out', 'lost']).nullable(),
  error: z.string().nullable(),
  /** 0 to 100. */
  progress: z.number(),
  steps: z.array(z.strictObject({ name: z.string(), status: z.string(), error: z.string().nullable() })),
  onHolderLost: z.enum(['resume', 'rollback', 'thaw']),
  freezeId: z.string().nullable(),
  takeovers: z.int(),
  /** Its holder is gone, and nobody has gone on with it yet. */
  isLost: z.boolean(),
  cancel: z.strictObject({ by: z.string(), reason: z.string() }).nullable(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
})

/** What `quiesce runs --json` prints, the newest first; with `--cancel`, the run that was told to stop. */
export const runsDocument = z.strictObject({
  schema: z.enum(['quiesce.runs/1', 'quiesce.cancelled/1']),
  runs: z.array(runEntry),
})

/** One run as a document has it. */
export type RunEntry = z.output<typeof runEntry>
/** What `quiesce runs --json` prints. */
export type RunsDocument = z.output<typeof runsDocument>

/** The document of these runs. */
export function runsDocumentOf(schema: RunsDocument['schema'], runs: readonly RunInfo[]): RunsDocument {
  return { schema, runs: runs.map(runEntryOf) }
}

function runEntryOf(run: RunInfo): RunEntry {
  return {
    ...run,
    outcome: run.outcome ?? null,
    error: run.error ?? null,
    steps: run.steps.map(({ name, status, error }) => ({ name, status, error: error ?? null })),
    freezeId: run.freezeId ?? null,
    cancel: run.cancel ?? null,
    startedAt: run.startedAt.toISOString(),
    endedAt: run.endedAt?.toISOString() ?? null,
  }
}
