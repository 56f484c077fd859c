import type { FenceStatus } from '@quiesce/core'
import { z } from 'zod'

/** One fence that stands in the database, in a document. */
const fenceEntry = z.strictObject({
  /** What the names of its objects begin with. */
  name: z.string(),
  /** The active freeze that it belongs to; `null` when it was left behind. */
  freezeId: z.string().nullable(),
  /** False for a fence of another namespace or other coordination tables. */
  own: z.boolean(),
  epoch: z.string(),
  /** As `schema.table`. */
  tables: z.array(z.string()),
})

/** What `quiesce fences --json` prints; with `--lift`, what was lowered. */
export const fencesDocument = z.strictObject({
  schema: z.enum(['quiesce.fences/1', 'quiesce.lifted/1']),
  fences: z.array(fenceEntry),
})

/** What `quiesce fences --json` prints. */
export type FencesDocument = z.output<typeof fencesDocument>

/** The document of these fences. */
export function fencesDocumentOf(schema: FencesDocument['schema'], fences: readonly FenceStatus[]): FencesDocument {
  return {
    schema,
    fences: fences.map(({ name, freezeId, own, epoch, tables }) => ({
      ...{ name, own, epoch },
      freezeId: freezeId ?? null,
      tables: tables.map(({ schema: of, table }) => `${of}.${table}`),
    })),
  }
}
