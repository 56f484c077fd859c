import { createHash } from 'node:crypto'
import type { StoreOptions } from './dialect.ts'

const SCOPE_LENGTH = 8

/** Names a cluster in the catalog: the same namespace of other coordination tables is another cluster. */
export function scopeOf({ namespace, location: { schema, tablePrefix } }: StoreOptions): string {
  return shortHash(JSON.stringify([namespace, schema, tablePrefix]))
}

/** What the names of a standing fence's triggers and functions begin with; none of `MARK_PATTERN`. */
export function standingName({ scope }: { readonly scope: string }): string {
  return `quiesce_standing_${scope}`
}

/** A few characters that tell one text from another in names. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, SCOPE_LENGTH)
}
