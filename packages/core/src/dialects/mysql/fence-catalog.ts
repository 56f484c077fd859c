import type { Row, Statements } from '../../domain/executor.ts'
import type { TableRef } from '../../domain/fence.ts'
import { type FenceMark, markName } from '../../domain/fence-mark.ts'
import { readRow } from '../row.ts'
import { errorNumberOf } from './errors.ts'
import { selectColumns, showInvisibleKeys, type TableColumn, tableColumn } from './fence-columns.ts'

const UNKNOWN_VARIABLE = 1193

/** Lets a session see every column; MariaDB and older servers of MySQL hide none. */
export async function showEveryColumn(one: Statements): Promise<void> {
  try {
    await one.execute(showInvisibleKeys)
  } catch (error) {
    if (errorNumberOf(error) !== UNKNOWN_VARIABLE) throw error
  }
}

/** The columns of one table; empty when it is gone. */
export async function columnsOf(one: Statements, { schema, table }: TableRef): Promise<readonly TableColumn[]> {
  const sql = `${selectColumns} WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`
  return (await one.execute(sql, [schema, table])).rows.map(tableColumn)
}

/** The names of the triggers that one fence has on a table. */
export async function triggersOn(
  one: Statements,
  mark: FenceMark,
  { schema, table }: TableRef,
): Promise<readonly string[]> {
  const sql = `SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS
    WHERE TRIGGER_SCHEMA = ? AND EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ? AND TRIGGER_NAME LIKE ?`
  const { rows } = await one.execute(sql, [schema, schema, table, pattern(mark)])
  return rows.map((row) => readRow(row).text('name'))
}

/** A trigger of a fence, as the catalog has it. */
export interface FoundTrigger extends TableRef {
  readonly name: string
}

/** The triggers of one fence in whatever schema. */
export async function triggersOf(one: Statements, mark: FenceMark): Promise<readonly FoundTrigger[]> {
  return (await one.execute(`${selectTriggers} WHERE TRIGGER_NAME LIKE ?`, [pattern(mark)])).rows.map(foundTrigger)
}

/** Triggers of fences, with the schema of their tables. */
export const selectTriggers = `SELECT EVENT_OBJECT_SCHEMA AS table_schema, EVENT_OBJECT_TABLE AS table_name,
  TRIGGER_NAME AS name FROM information_schema.TRIGGERS`

/** Reads a row of {@link selectTriggers}. */
export function foundTrigger(row: Row): FoundTrigger {
  const r = readRow(row)
  return { schema: r.text('table_schema'), table: r.text('table_name'), name: r.text('name') }
}

/** A pattern for LIKE, whose `_` stands for any character. */
function pattern(mark: FenceMark): string {
  return `${markName(mark).replaceAll('_', '\\_')}\\_%`
}
