import type { TableWrite } from '../domain/table-write.ts'
import { assignmentsAt } from './assignments.ts'
import { assignedColumns } from './assigned-columns.ts'
import { findWord, type Statement, signAt, wordAt, wordsAt } from './statement.ts'
import { type Target, targetAt } from './target.ts'

const MODIFIERS = new Set(['low_priority', 'delayed', 'high_priority', 'ignore'])
const FOLLOW = new Set([
  'values',
  'value',
  'select',
  'with',
  'default',
  'set',
  'table',
  'overriding',
  'partition',
  'on',
  'returning',
])
const UPSERT_ENDS = new Set(['where', 'returning', 'on'])
const DUPLICATE_ENDS = new Set(['returning'])

/**
 * The writes of an `INSERT` or `REPLACE` whose verb stands at `at`: the insert, the update of an upsert with its columns,
 * and the delete that replacing implies. `undefined` where the target can't be read.
 */
export function insertWrites(statement: Statement, at: number): readonly TableWrite[] | undefined {
  let next = at + 1
  let replaces = wordAt(statement, at) === 'replace'
  if (statement.grammar === 'sqlite' && wordAt(statement, next) === 'or') {
    replaces ||= wordAt(statement, next + 1) === 'replace'
    next += 2
  }
  if (statement.grammar === 'mysql' || statement.grammar === 'mariadb') {
    while (MODIFIERS.has(wordAt(statement, next))) next++
    if (wordAt(statement, next) === 'into') next++
  } else if (wordAt(statement, next++) !== 'into') {
    return undefined
  }
  const target = targetAt(statement, next, FOLLOW)
  if (target === undefined) return undefined
  if (!signAt(statement, target.next, '(') && !FOLLOW.has(wordAt(statement, target.next))) return undefined
  const table = { schema: target.schema, table: target.table }
  const writes: TableWrite[] = [{ operation: 'insert', ...table, columns: 'all' }]
  if (replaces) writes.push({ operation: 'delete', ...table, columns: 'all' })
  const columns = upsertColumns(statement, target)
  if (columns !== undefined) writes.push({ operation: 'update', ...table, columns })
  return writes
}

/** The columns that `ON CONFLICT … DO UPDATE` or `ON DUPLICATE KEY UPDATE` assigns, `undefined` without such a clause. */
function upsertColumns(statement: Statement, target: Target): readonly string[] | 'all' | undefined {
  let columns: readonly string[] | 'all' | undefined
  let from = target.next
  for (;;) {
    const on = findWord(statement, from, 'on')
    if (on < 0) return columns
    from = on + 1
    if (wordsAt(statement, on + 1, 'duplicate', 'key', 'update')) {
      const { paths, end } = assignmentsAt(statement, on + 4, DUPLICATE_ENDS)
      columns = union(columns, assignedColumns(statement.grammar, target, paths))
      from = end
    } else if (wordAt(statement, on + 1) === 'conflict') {
      const action = findWord(statement, on + 2, 'do')
      if (action >= 0 && wordAt(statement, action + 1) === 'nothing') {
        from = action
      } else if (action >= 0 && wordsAt(statement, action + 1, 'update', 'set')) {
        const { paths, end } = assignmentsAt(statement, action + 3, UPSERT_ENDS)
        columns = union(columns, assignedColumns(statement.grammar, target, paths))
        from = end
      } else {
        columns = 'all'
      }
    }
  }
}

function union(
  left: readonly string[] | 'all' | undefined,
  right: readonly string[] | 'all',
): readonly string[] | 'all' {
  if (left === undefined) return right
  return left === 'all' || right === 'all' ? 'all' : [...new Set([...left, ...right])]
}
