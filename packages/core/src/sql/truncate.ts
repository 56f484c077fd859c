import type { TableWrite } from '../domain/table-write.ts'
import { type Statement, signAt, tokenAt, wordAt } from './statement.ts'
import { targetAt } from './target.ts'

const OPTIONS = new Set(['restart', 'continue', 'identity', 'restrict', 'wait', 'nowait'])
const FOLLOW = new Set([...OPTIONS, 'cascade', 'drop', 'reuse'])

/** The tables of a `TRUNCATE`; `undefined` where they can't be read, or where CASCADE reaches tables it doesn't name. */
export function truncateWrites(statement: Statement, at: number): readonly TableWrite[] | undefined {
  const writes: TableWrite[] = []
  let next = wordAt(statement, at + 1) === 'table' ? at + 2 : at + 1
  for (;;) {
    const target = targetAt(statement, next, FOLLOW)
    if (target === undefined || target.alias !== undefined) return undefined
    writes.push({ operation: 'truncate', schema: target.schema, table: target.table, columns: 'all' })
    next = target.next
    if (!signAt(statement, next, ',')) break
    next++
  }
  for (; tokenAt(statement, next) !== undefined; next++) {
    if (!OPTIONS.has(wordAt(statement, next)) && tokenAt(statement, next)?.kind !== 'number') return undefined
  }
  return writes
}
