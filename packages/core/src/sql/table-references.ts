import { after, nameAt, part, type Statement, signAt, tokenAt, wordAt } from './statement.ts'
import { type TableName, tableNameAt } from './table-name.ts'

/** One table of a join, with the alias it goes by. */
export interface TableReference extends TableName {
  readonly alias: string | undefined
}

const FOLLOW = new Set(
  `join inner left right full cross natural straight_join on using use force ignore partition for set where order limit
  returning as lateral`.split(/\s+/),
)
const JOINS = new Set(['join', 'straight_join'])
/** More brackets around brackets than anybody writes; the limit keeps the stack from overflowing. */
const DEEPEST = 30
const SUBQUERIES = new Set(['select', 'with', 'values', 'table'])

/**
 * The tables of a MySQL join (`t1 AS a JOIN (t2, t3) ON …`), subqueries and table functions left out. `undefined` where
 * one of them can't be read.
 */
export function tableReferences(
  statement: Statement,
  from: number,
  to: number,
  depth = 0,
): readonly TableReference[] | undefined {
  if (depth > DEEPEST) return undefined
  const range = part(statement, from, to)
  const tables: TableReference[] = []
  let expected = true
  for (let index = from; index < to; ) {
    if (!expected) {
      expected = signAt(range, index, ',') || JOINS.has(wordAt(range, index))
      index = expected ? index + 1 : after(range, index)
    } else if (signAt(range, index, '(') && !SUBQUERIES.has(wordAt(range, index + 1))) {
      const inner = tableReferences(statement, index + 1, after(range, index) - 1, depth + 1)
      if (inner === undefined) return undefined
      for (const table of inner) tables.push(table)
      index = after(range, index)
      expected = false
    } else if (signAt(range, index, '(')) {
      index = after(range, index)
      expected = false
    } else if (wordAt(range, index) === 'lateral') {
      index++
    } else {
      const table = referenceAt(range, index)
      if (table === undefined) return undefined
      if (signAt(range, table.next, '(')) index = after(range, table.next)
      else {
        tables.push(table)
        index = table.next
      }
      expected = false
    }
  }
  return expected ? undefined : tables
}

function referenceAt(statement: Statement, at: number): TableReference | undefined {
  const name = tableNameAt(statement, at)
  if (name === undefined) return undefined
  let next = name.next
  if (signAt(statement, next, '(')) return { ...name, alias: undefined }
  if (wordAt(statement, next) === 'partition') next = after(statement, next + 1)
  if (wordAt(statement, next) === 'for') return undefined
  if (wordAt(statement, next) === 'as') next++
  const token = tokenAt(statement, next)
  const named = token?.kind === 'quoted' || (token?.kind === 'word' && !FOLLOW.has(token.text))
  return named ? { ...name, alias: nameAt(statement, next), next: next + 1 } : { ...name, alias: undefined, next }
}
