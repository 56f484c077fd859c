import type { FenceSpec, FenceTable, TableRef } from '../../domain/fence.ts'
import type { FenceMark } from '../../domain/fence-mark.ts'
import { columnsOf, triggersOn } from './fence-catalog.ts'
import type { FenceSession } from './fence-session.ts'
import { createTrigger, fenceTriggers, qualified } from './fence-triggers.ts'

/**
 * Makes what is missing on one table, then removes triggers of the same fence that refused less. Says what its triggers
 * are called now.
 */
export async function raiseTable(
  one: FenceSession,
  functionName: string,
  fence: FenceSpec,
  table: FenceTable,
): Promise<readonly string[]> {
  const columns = await columnsOf(one, table)
  const standing = await triggersOn(one, fence, table)
  // An account that may see no column can compare none.
  const refuse = columns.length === 0 ? { ...table.refuse, update: table.refuse.update !== false } : table.refuse
  const wanted = fenceTriggers(fence, table, refuse, columns)
  for (const trigger of wanted) {
    if (!standing.includes(trigger.name)) await one.alter(createTrigger(functionName, fence, trigger))
  }
  const names = wanted.map((trigger) => trigger.name)
  for (const old of standing) if (!names.includes(old)) await one.alter(dropTrigger(table, old))
  return names
}

/** Removes the triggers that a fence has on one table. */
export async function lowerTable(one: FenceSession, mark: FenceMark, table: TableRef): Promise<void> {
  for (const name of await triggersOn(one, mark, table)) await one.alter(dropTrigger(table, name))
}

/** Removes one trigger of a table; harmless when it is gone. */
export function dropTrigger({ schema }: TableRef, name: string): string {
  return `DROP TRIGGER IF EXISTS ${qualified(schema, name)}`
}
