import type { FenceOption } from '@quiesce/core'
import { z } from 'zod'

/** One thing that was looked at. */
export const finding = z.strictObject({
  /** Stable, e.g. `policy`. */
  check: z.string(),
  level: z.enum(['ok', 'warning', 'problem']),
  message: z.string(),
  /** What to do; `null` when nothing is wrong. */
  advice: z.string().nullable(),
})

/** What one fence did with each way to write when it was tried on a server of this product. */
export const fenceTruth = z.strictObject({
  backend: z.string(),
  statements: z.array(
    z.strictObject({
      statement: z.string(),
      verdict: z.enum(['refused', 'passes']),
      /** Why it passes, where that is not what one would expect; otherwise `null`. */
      because: z.string().nullable(),
    }),
  ),
})

/** What `quiesce doctor --json` prints. */
export const doctorDocument = z.strictObject({
  schema: z.literal('quiesce.doctor/1'),
  findings: z.array(finding),
  /** With `--statements`, for each fence that this database could have; otherwise left out. */
  fences: z.array(fenceTruth).optional(),
})

/** One thing that was looked at. */
export type Finding = z.output<typeof finding>
/** What `quiesce doctor --json` prints. */
export type DoctorDocument = z.output<typeof doctorDocument>

/** What is known of one fence. */
export function fenceTruthOf({ backend, statements }: FenceOption): z.output<typeof fenceTruth> {
  return {
    backend,
    statements: statements.map(({ statement, verdict, because }) => ({ statement, verdict, because: because ?? null })),
  }
}
