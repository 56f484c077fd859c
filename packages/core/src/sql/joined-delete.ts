import type { TableWrite } from '../domain/table-write.ts'
import { after, nameAt, type Statement, sameName, signAt, tokenAt, wordAt } from './statement.ts'
import { type TableReference, tableReferences } from './table-references.ts'
import { targetAt } from './target.ts'

const MODIFIERS = new Set(['low_priority', 'quick', 'ignore', 'history'])
const ENDS = new Set(['where', 'order', 'limit', 'returning'])
const FOLLOW = new Set([...ENDS, 'partition', 'using', 'for', 'before'])

/** The writes of MySQL's `DELETE`: of one table, or of those that a multi-table form names. */
export function joinedDeleteWrites(statement: Statement, at: number): readonly TableWrite[] | undefined {
  let next = at + 1
  while (MODIFIERS.has(wordAt(statement, next)) && !signAt(statement, next + 1, '.')) next++
  if (wordAt(statement, next) !== 'from') {
    const names = namesAt(statement, next)
    if (names === undefined || wordAt(statement, names.next) !== 'from') return undefined
    return resolve(statement, names.names, names.next + 1)
  }
  const names = namesAt(statement, next + 1)
  if (names !== undefined && wordAt(statement, names.next) === 'using') {
    return resolve(statement, names.names, names.next + 1)
  }
  const target = targetAt(statement, next + 1, FOLLOW)
  if (target === undefined) return undefined
  const follow = wordAt(statement, target.next)
  if (tokenAt(statement, target.next) !== undefined && (!FOLLOW.has(follow) || follow === 'for')) return undefined
  return [{ operation: 'delete', schema: target.schema, table: target.table, columns: 'all' }]
}

interface Names {
  readonly names: readonly (readonly string[])[]
  readonly next: number
}

/** Reads `t1, db.t2.*, …`. */
function namesAt(statement: Statement, at: number): Names | undefined {
  const names: string[][] = []
  let next = at
  for (;;) {
    const first = nameAt(statement, next)
    if (first === undefined) return undefined
    const name = [first]
    next++
    while (signAt(statement, next, '.')) {
      const part = nameAt(statement, next + 1)
      if (part !== undefined) name.push(part)
      else if (!signAt(statement, next + 1, '*')) return undefined
      next += 2
    }
    names.push(name)
    if (!signAt(statement, next, ',')) return { names, next }
    next++
  }
}

function resolve(statement: Statement, names: Names['names'], from: number): readonly TableWrite[] | undefined {
  let to = from
  while (to < statement.to && !ENDS.has(wordAt(statement, to))) to = after(statement, to)
  const tables = tableReferences(statement, from, to)
  if (tables === undefined) return undefined
  const writes: TableWrite[] = []
  for (const name of names) {
    const found = tables.filter((table) => goesBy(table, name))
    if (found.length === 0) return undefined
    for (const { schema, table } of found) writes.push({ operation: 'delete', schema, table, columns: 'all' })
  }
  return writes
}

function goesBy(table: TableReference, name: readonly string[]): boolean {
  const schema = name.at(-2)
  if (!sameName(table.alias ?? table.table, name.at(-1) ?? '')) return false
  return schema === undefined || table.schema === undefined || sameName(table.schema, schema)
}
