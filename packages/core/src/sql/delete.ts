import type { TableWrite } from '../domain/table-write.ts'
import { joinedDeleteWrites } from './joined-delete.ts'
import { type Statement, tokenAt, wordAt } from './statement.ts'
import { targetAt } from './target.ts'

const FOLLOW = new Set(['using', 'where', 'returning', 'order', 'limit', 'indexed', 'not', 'for'])

/** The writes of a `DELETE` whose verb stands at `at`, `undefined` where its target can't be read. */
export function deleteWrites(statement: Statement, at: number): readonly TableWrite[] | undefined {
  if (statement.grammar === 'mysql' || statement.grammar === 'mariadb') return joinedDeleteWrites(statement, at)
  if (wordAt(statement, at + 1) !== 'from') return undefined
  const target = targetAt(statement, at + 2, FOLLOW)
  if (target === undefined || wordAt(statement, target.next) === 'for') return undefined
  if (tokenAt(statement, target.next) !== undefined && !FOLLOW.has(wordAt(statement, target.next))) return undefined
  return [{ operation: 'delete', schema: target.schema, table: target.table, columns: 'all' }]
}
