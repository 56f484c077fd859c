import { z } from 'zod'
import { frozenEntry } from './frozen-document.ts'

/** One line of `quiesce run --json` and `quiesce freeze --json` on stderr, while they work. */
export const progressDocument = z.strictObject({
  schema: z.literal('quiesce.progress/1'),
  at: z.iso.datetime(),
  phase: z.enum(['join', 'lock', 'freeze', 'command', 'thaw']),
  state: z.enum(['begun', 'progress', 'ended', 'failed']),
  words: z.string(),
  /** 0 to 1, with `progress`. */
  fraction: z.number().optional(),
})

/** The last line of `quiesce run --json` on stderr. */
export const runResultDocument = z.strictObject({
  schema: z.literal('quiesce.run-result/1'),
  command: z.array(z.string()),
  /** Of this command; what the program ended with when nothing else went wrong. */
  exitCode: z.int(),
  /** Of the program; `null` when another run of this name has done the work. */
  commandExitCode: z.int().nullable(),
  /** See `quiesce runs`; `null` in a nested run. */
  runId: z.string().nullable(),
  /** What the freeze came to; `null` in a nested run, which joins the outer one's. */
  freeze: frozenEntry.nullable(),
  tookMs: z.number(),
})

/** The last line of `quiesce run --json` on stderr. */
export type RunResultDocument = z.output<typeof runResultDocument>
