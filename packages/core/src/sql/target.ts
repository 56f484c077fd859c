import { nameAt, type Statement, signAt, tokenAt, wordAt } from './statement.ts'
import { type TableName, tableNameAt } from './table-name.ts'

/** The table that a write changes, with the alias that the statement gives it. */
export interface Target extends TableName {
  readonly alias: string | undefined
}

/** Reads `[ONLY] table [*] [[AS] alias]`; an alias is never one of the words that may follow the target. */
export function targetAt(statement: Statement, at: number, follow: ReadonlySet<string>): Target | undefined {
  const only = statement.grammar === 'postgres' && wordAt(statement, at) === 'only'
  const bracket = only && signAt(statement, at + 1, '(')
  const name = tableNameAt(statement, at + (only ? 1 : 0) + (bracket ? 1 : 0))
  if (name === undefined) return undefined
  let next = name.next
  if (bracket && !signAt(statement, next++, ')')) return undefined
  if (signAt(statement, next, '*')) next++
  if (wordAt(statement, next) === 'as') {
    const alias = nameAt(statement, next + 1)
    return alias === undefined ? undefined : { ...name, alias, next: next + 2 }
  }
  const token = tokenAt(statement, next)
  const named = token?.kind === 'quoted' || (token?.kind === 'word' && !follow.has(token.text))
  return { ...name, alias: named ? nameAt(statement, next) : undefined, next: named ? next + 1 : next }
}
