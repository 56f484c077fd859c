import type { Installation } from '@quiesce/core'
import { z } from 'zod'

/** What `quiesce fence … --json` prints: what is installed of the standing fence. */
export const fenceDocument = z.strictObject({
  schema: z.literal('quiesce.fence/1'),
  /** `incomplete`: begun, being changed or removed; freezes do not use it. */
  state: z.enum(['absent', 'incomplete', 'complete']),
  /** Tables that have its triggers, as `schema.table`. */
  tables: z.array(z.string()),
  /** How many tables this command has changed. */
  changed: z.int(),
  /** With `--dry-run`: what would be sent; empty otherwise. */
  statements: z.array(z.string()),
})

/** What `quiesce fence … --json` prints. */
export type FenceDocument = z.output<typeof fenceDocument>

/** The document of this installation. */
export function fenceDocumentOf(
  { state, tables }: Installation,
  changed: number,
  statements: readonly string[],
): FenceDocument {
  return {
    schema: 'quiesce.fence/1',
    state,
    tables: tables.map(({ schema, table }) => `${schema}.${table}`),
    changed,
    statements: [...statements],
  }
}
