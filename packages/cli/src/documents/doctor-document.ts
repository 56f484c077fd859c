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

/** What `quiesce doctor --json` prints. */
export const doctorDocument = z.strictObject({
  schema: z.literal('quiesce.doctor/1'),
  findings: z.array(finding),
})

/** One thing that was looked at. */
export type Finding = z.output<typeof finding>
/** What `quiesce doctor --json` prints. */
export type DoctorDocument = z.output<typeof doctorDocument>
