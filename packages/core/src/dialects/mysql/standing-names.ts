import { createHash } from 'node:crypto'
import { standingName } from '../fence-names.ts'
import { functionSchemaOf } from './fence-survey.ts'
import { qualified } from './fence-triggers.ts'
import type { StoreContext } from './store-context.ts'

/** Which cluster's standing fence: its names in the catalog, and its row. */
export interface StandingNames {
  readonly namespace: string
  /** Where the coordination tables are, and beside them the functions. */
  readonly schema: string
  /** The table of the states, as the catalog has it, and quoted and qualified. */
  readonly tableName: string
  readonly table: string
  /** The key of the namespace's row, which every write locks shared. */
  readonly row: string
  /** What triggers and functions begin with. */
  readonly name: string
}

/** Names what belongs to the standing fence of a context's cluster. */
export async function standingNames(context: StoreContext, scope: string): Promise<StandingNames> {
  const { namespace, tables, server } = context
  const schema = functionSchemaOf(context, (await server()).database)
  const tableName = `${tables.prefix}fence`
  return {
    namespace,
    schema,
    tableName,
    table: qualified(schema, tableName),
    row: keyOf(namespace),
    name: standingName({ scope }),
  }
}

/** A number is found faster than a text, in every write. */
function keyOf(text: string): string {
  return String(createHash('sha256').update(text).digest().readBigUInt64BE() >> 1n)
}
