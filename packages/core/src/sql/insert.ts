import type { TableWrite } from '../domain/table-write.ts'
import type { Grammar } from './analysis.ts'
import { assignedColumns } from './assigned-columns.ts'
import { assignmentsAt } from './assignments.ts'
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
const CONFLICT_ENDS = new Set(['where', 'returning', 'on'])
/** RETURNING may be a column's name in MySQL. */
const UPSERT_ENDS: Readonly<Record<Grammar, ReadonlySet<string>>> = {
  postgres: CONFLICT_ENDS,
  sqlite: CONFLICT_ENDS,
  mysql: new Set(),
  mariadb: new Set(['returning']),
}

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
  let on = findWord(statement, target.next, 'on')
  while (on >= 0) {
    const clause = upsertClauseAt(statement, on + 1)
    if (clause === undefined) return 'all'
    let next = clause.next
    if (clause.updates) {
      const { paths, end } = assignmentsAt(statement, next, UPSERT_ENDS[statement.grammar])
      columns = union(columns, assignedColumns(statement.grammar, target, paths))
      next = end
    }
    on = findWord(statement, next, 'on')
  }
  return columns
}

interface UpsertClause {
  readonly updates: boolean
  /** Where its SET list begins, or what stands behind it may. */
  readonly next: number
}

/** The clause whose ON stands in front of `at`, `undefined` where its action can't be read. */
function upsertClauseAt(statement: Statement, at: number): UpsertClause | undefined {
  if (wordsAt(statement, at, 'duplicate', 'key', 'update')) return { updates: true, next: at + 3 }
  if (wordAt(statement, at) !== 'conflict') return { updates: false, next: at }
  const action = findWord(statement, at + 1, 'do')
  if (action < 0) return undefined
  if (wordAt(statement, action + 1) === 'nothing') return { updates: false, next: action }
  return wordsAt(statement, action + 1, 'update', 'set') ? { updates: true, next: action + 3 } : undefined
}

function union(
  left: readonly string[] | 'all' | undefined,
  right: readonly string[] | 'all',
): readonly string[] | 'all' {
  if (left === undefined) return right
  return left === 'all' || right === 'all' ? 'all' : [...new Set([...left, ...right])]
}
