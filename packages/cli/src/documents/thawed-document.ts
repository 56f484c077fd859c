import { z } from 'zod'
import { freezeEntry } from './status-document.ts'

/** What `quiesce thaw --json` prints. */
export const thawedDocument = z.strictObject({
  schema: z.literal('quiesce.thawed/1'),
  /** False when there was nothing to end, or with `--dry-run`. */
  changed: z.boolean(),
  dryRun: z.boolean(),
  /** The freeze as it was; `null` when none is active. */
  freeze: freezeEntry.nullable(),
  /** With `--dry-run`: what would be sent to take its fence off; empty otherwise. */
  statements: z.array(z.string()),
})

/** What `quiesce thaw --json` prints. */
export type ThawedDocument = z.output<typeof thawedDocument>
