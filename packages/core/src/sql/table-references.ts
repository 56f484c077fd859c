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
  let index = from
  for (;;) {
    const factor = factorAt(range, index, depth)
    if (factor === undefined) return undefined
    for (const table of factor.tables) tables.push(table)
    index = factor.next
    while (index < to && !separates(range, index)) index = after(range, index)
    if (index >= to) return tables
    index++
  }
}

/** What stands between two tables of a join: a comma, or the word JOIN. */
function separates(statement: Statement, index: number): boolean {
  return signAt(statement, index, ',') || JOINS.has(wordAt(statement, index))
}

interface Factor {
  readonly tables: readonly TableReference[]
  readonly next: number
}

/** One operand of a join: a table, tables in brackets, or what can't be written (a subquery, a table function). */
function factorAt(statement: Statement, from: number, depth: number): Factor | undefined {
  const at = wordAt(statement, from) === 'lateral' ? from + 1 : from
  if (signAt(statement, at, '(')) {
    const next = after(statement, at)
    if (SUBQUERIES.has(wordAt(statement, at + 1))) return { tables: [], next }
    const tables = tableReferences(statement, at + 1, next - 1, depth + 1)
    return tables === undefined ? undefined : { tables, next }
  }
  const table = referenceAt(statement, at)
  if (table === undefined) return undefined
  if (signAt(statement, table.next, '(')) return { tables: [], next: after(statement, table.next) }
  return { tables: [table], next: table.next }
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
