import { z } from 'zod'

/** One step of what would happen. */
export const planStep = z.strictObject({
  step: z.string(),
  /** In words. */
  what: z.string(),
  /** What it would concern: nodes, transactions, tables, statements. */
  items: z.array(z.string()),
  /** What would be sent to the database for it, as far as it is no row of the coordination tables. */
  statements: z.array(z.string()),
})

/** What `quiesce plan --json` and `--dry-run --json` print. */
export const planDocument = z.strictObject({
  schema: z.literal('quiesce.plan/1'),
  namespace: z.string(),
  steps: z.array(planStep),
  /** What stands in the way now, or weakens the promise. */
  concerns: z.array(z.string()),
})

/** One step of what would happen. */
export type PlanStep = z.output<typeof planStep>
/** What `quiesce plan --json` prints. */
export type PlanDocument = z.output<typeof planDocument>
