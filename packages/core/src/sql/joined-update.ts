import type { TableWrite } from '../domain/table-write.ts'
import { assignedColumns } from './assigned-columns.ts'
import { type AssignedPath, assignmentsAt } from './assignments.ts'
import { findWord, type Statement, sameName, wordAt } from './statement.ts'
import { type TableReference, tableReferences } from './table-references.ts'

const MODIFIERS = new Set(['low_priority', 'ignore'])
/** RETURNING may be a column's name in MySQL. */
const ENDS = new Set(['where', 'order', 'limit'])
const MARIADB_ENDS = new Set([...ENDS, 'returning'])

/**
 * The writes of MySQL's `UPDATE t1 JOIN t2 … SET …`. A column belongs to the table that its qualifier names; an
 * unqualified one may belong to any of several tables, so that all of them count as changed in all columns.
 */
export function joinedUpdateWrites(statement: Statement, at: number): readonly TableWrite[] | undefined {
  let from = at + 1
  while (MODIFIERS.has(wordAt(statement, from))) from++
  const set = findWord(statement, from, 'set')
  const tables = set < 0 ? undefined : tableReferences(statement, from, set)
  const only = tables?.[0]
  if (tables === undefined || only === undefined) return undefined
  const { paths } = assignmentsAt(statement, set + 1, statement.grammar === 'mariadb' ? MARIADB_ENDS : ENDS)
  if (tables.length === 1) return [update(only, assignedColumns(statement.grammar, only, paths))]
  const columns = paths === undefined ? undefined : columnsByTable(tables, paths)
  if (columns === undefined) return tables.map((table) => update(table, 'all'))
  return [...columns].map(([table, names]) => update(table, [...names]))
}

function update({ schema, table }: TableReference, columns: readonly string[] | 'all'): TableWrite {
  return { operation: 'update', schema, table, columns }
}

function columnsByTable(
  tables: readonly TableReference[],
  paths: readonly AssignedPath[],
): ReadonlyMap<TableReference, ReadonlySet<string>> | undefined {
  const columns = new Map<TableReference, Set<string>>()
  for (const path of paths) {
    const column = path.at(-1)
    const owners = tables.filter((table) => owns(table, path.at(-2), path.at(-3)))
    if (column === undefined || owners.length === 0) return undefined
    for (const owner of owners) columns.set(owner, (columns.get(owner) ?? new Set()).add(column))
  }
  return columns
}

function owns(table: TableReference, qualifier: string | undefined, schema: string | undefined): boolean {
  if (qualifier === undefined || !sameName(table.alias ?? table.table, qualifier)) return false
  return schema === undefined || table.schema === undefined || sameName(table.schema, schema)
}
