import type { Grammar } from './analysis.ts'
import type { AssignedPath } from './assignments.ts'
import { sameName } from './statement.ts'
import type { Target } from './target.ts'

/**
 * The columns of one target that a SET list assigns, `'all'` where they can't be told.
 *
 * PostgreSQL takes no qualifier there: the first part is the column, what follows is a field of it. Should the first part
 * be the target's own name, the text has two readings: `'all'`. Elsewhere the last part is the column.
 */
export function assignedColumns(
  grammar: Grammar,
  target: Pick<Target, 'table' | 'alias'>,
  paths: readonly AssignedPath[] | undefined,
): readonly string[] | 'all' {
  if (paths === undefined || paths.length === 0) return 'all'
  const columns = new Set<string>()
  for (const path of paths) {
    const first = path[0]
    const column = grammar === 'postgres' ? first : path.at(-1)
    if (column === undefined) return 'all'
    if (grammar === 'postgres' && path.length > 1 && isTarget(target, column)) return 'all'
    columns.add(column)
  }
  return [...columns]
}

function isTarget(target: Pick<Target, 'table' | 'alias'>, name: string): boolean {
  return sameName(target.table, name) || (target.alias !== undefined && sameName(target.alias, name))
}
