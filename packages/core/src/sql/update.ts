import type { TableWrite } from '../domain/table-write.ts'
import { assignedColumns } from './assigned-columns.ts'
import { assignmentsAt } from './assignments.ts'
import { joinedUpdateWrites } from './joined-update.ts'
import { type Statement, wordAt } from './statement.ts'
import { targetAt } from './target.ts'

const FOLLOW = new Set(['set', 'for', 'indexed', 'not'])
const ENDS = new Set(['from', 'where', 'returning', 'order', 'limit'])

/** The writes of an `UPDATE` whose verb stands at `at`, `undefined` where its target can't be read. */
export function updateWrites(statement: Statement, at: number): readonly TableWrite[] | undefined {
  if (statement.grammar === 'mysql' || statement.grammar === 'mariadb') return joinedUpdateWrites(statement, at)
  let next = at + 1
  let replaces = false
  if (statement.grammar === 'sqlite' && wordAt(statement, next) === 'or') {
    replaces = wordAt(statement, next + 1) === 'replace'
    next += 2
  }
  const target = targetAt(statement, next, FOLLOW)
  if (target === undefined) return undefined
  next = target.next
  if (statement.grammar === 'sqlite' && wordAt(statement, next) === 'indexed') next += 3
  if (statement.grammar === 'sqlite' && wordAt(statement, next) === 'not') next += 2
  if (wordAt(statement, next) !== 'set') return undefined
  const { paths } = assignmentsAt(statement, next + 1, ENDS)
  const table = { schema: target.schema, table: target.table }
  const writes: TableWrite[] = [
    { operation: 'update', ...table, columns: assignedColumns(statement.grammar, target, paths) },
  ]
  if (replaces) writes.push({ operation: 'delete', ...table, columns: 'all' })
  return writes
}
