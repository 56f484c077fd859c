import { createHash } from 'node:crypto'
import type { StoreOptions } from '../dialect.ts'

/** Names a cluster in the catalog: the same namespace of other coordination tables is another cluster. */
export function scopeOf({ namespace, location: { schema, tablePrefix } }: StoreOptions): string {
  return createHash('sha256')
    .update(JSON.stringify([namespace, schema, tablePrefix]))
    .digest('hex')
    .slice(0, 8)
}
