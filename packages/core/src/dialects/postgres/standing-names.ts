import { createHash } from 'node:crypto'
import { standingName } from '../fence-names.ts'
import { quoteIdentifier, type TableNames } from './names.ts'

/** Which cluster's standing fence: its names in the catalog, and its row. */
export interface StandingNames {
  readonly tables: TableNames
  readonly namespace: string
  readonly scope: string
}

/**
 * The advisory locks of a standing fence, as 64-bit keys: every write holds `writers` shared to the end of its
 * transaction, a freeze takes it exclusively. `row` is held shared where a write has locked the row too.
 */
export function standingLocks({ scope }: Pick<StandingNames, 'scope'>): {
  readonly writers: bigint
  readonly row: bigint
} {
  const key = (what: string): bigint =>
    createHash('sha256').update(`quiesce standing fence ${scope} ${what}`).digest().readBigInt64BE()
  return { writers: key('writers'), row: key('row') }
}

/** The function that all triggers call, quoted and qualified. */
export function functionName(names: StandingNames): string {
  return `${names.tables.schema}.${quoteIdentifier(standingName(names))}`
}
