import type { Statements } from '../../domain/executor.ts'
import type { StandingFence, TableRef } from '../../domain/fence.ts'
import { type FenceMark, markName, markOf } from '../../domain/fence-mark.ts'
import { readRow } from '../row.ts'
import { type FoundTrigger, foundTrigger, selectTriggers } from './fence-catalog.ts'
import { isPassable } from './fence-function.ts'
import { quoteIdentifier, quoteLiteral } from './names.ts'

/**
 * The triggers of fences that are ours to judge: on tables beside the coordination tables, also when they came with a
 * dump, and on those of other schemas that ask a function of ours. Other databases of the server may have fences of the
 * same name.
 */
export async function ourTriggers(one: Statements, functionSchema: string): Promise<readonly FoundTrigger[]> {
  const { rows } = await one.execute(
    `${selectTriggers} WHERE TRIGGER_NAME LIKE 'quiesce\\_%' AND ${isOurTrigger(functionSchema)}`,
  )
  return rows.map(foundTrigger)
}

/** A condition on a trigger of the catalog. */
export function isOurTrigger(functionSchema: string): string {
  const call = quoteLiteral(`${quoteIdentifier(functionSchema)}.\`quiesce_`)
  return `(TRIGGER_SCHEMA = ${quoteLiteral(functionSchema)} OR INSTR(CAST(ACTION_STATEMENT AS BINARY), CAST(${call} AS BINARY)) > 0)`
}

/** Every fence in the catalog, by what its objects' names begin with: triggers, and functions that no trigger calls. */
export async function standingFences(one: Statements, functionSchema: string): Promise<readonly StandingFence[]> {
  const fences = new Map<string, { mark: FenceMark; tables: Map<string, TableRef>; passable: boolean }>()
  const fenceOf = (name: string): { tables: Map<string, TableRef>; passable: boolean } | undefined => {
    const mark = markOf(name)
    if (mark === undefined) return undefined
    const fence = fences.get(markName(mark)) ?? { mark, tables: new Map(), passable: false }
    fences.set(markName(mark), fence)
    return fence
  }
  for (const { schema, table, name } of await ourTriggers(one, functionSchema)) {
    fenceOf(name)?.tables.set(JSON.stringify([schema, table]), { schema, table })
  }
  for (const row of (await one.execute(selectFunctions, [functionSchema])).rows) {
    const r = readRow(row)
    const fence = fenceOf(r.text('name'))
    if (fence !== undefined) fence.passable = r.boolean('passable')
  }
  return [...fences.values()].map(({ mark, tables, passable }) => ({ mark, tables: [...tables.values()], passable }))
}

/** A source that may not be seen may let somebody pass. */
const selectFunctions = `SELECT ROUTINE_NAME AS name, COALESCE(${isPassable}, 1) AS passable
  FROM information_schema.ROUTINES
  WHERE ROUTINE_SCHEMA = ? AND ROUTINE_TYPE = 'FUNCTION' AND ROUTINE_NAME LIKE 'quiesce\\_%'`
