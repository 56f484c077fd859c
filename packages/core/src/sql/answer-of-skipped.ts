import type { RowsOfSkipped } from '../domain/admission.ts'
import type { Grammar } from './analysis.ts'
import { lexicalRules } from './lexical-rules.ts'
import { scan } from './scan.ts'
import { splitStatements } from './split-statements.ts'
import { findWord, part, type Statement, tokenAt, wordAt } from './statement.ts'
import { targetAt } from './target.ts'

/** How a write that is not sent can be answered: with no rows, or with those that a query reads. */
export interface SkippedAnswer {
  readonly operation: 'insert' | 'update' | 'delete'
  readonly rows: RowsOfSkipped | undefined
}

const FOLLOW = new Set(['set', 'where', 'returning', 'from', 'using', 'order', 'limit', 'indexed', 'not'])
/** Words that make another query of it than its table and its condition. */
const OTHERS = ['from', 'using', 'order', 'limit', 'indexed']

/**
 * Tells how one write can be answered truthfully without being sent; `undefined` where it can't.
 *
 * It can be when the text is one INSERT, UPDATE or DELETE without a WITH before it, and what it returns, if anything, are
 * rows that exist: those of `UPDATE t SET … WHERE … RETURNING …` and `DELETE FROM t WHERE … RETURNING …` are read by
 * `SELECT … FROM t WHERE …`. Rows of an INSERT don't exist, and those of a join can't be told.
 */
export function answerOfSkipped(sql: string, grammar: Grammar): SkippedAnswer | undefined {
  const { tokens, problem } = scan(sql, lexicalRules(grammar))
  const [statement, ...others] = problem === undefined ? splitStatements(sql, grammar, tokens) : []
  if (statement === undefined || others.length > 0) return undefined
  const operation = wordAt(statement, statement.from)
  if (operation !== 'insert' && operation !== 'update' && operation !== 'delete') return undefined
  const returning = findWord(statement, statement.from, 'returning')
  if (returning < 0) return { operation, rows: undefined }
  const rows = operation === 'insert' ? undefined : rowsOf(statement, operation, returning)
  return rows === undefined ? undefined : { operation, rows }
}

function rowsOf(statement: Statement, operation: 'update' | 'delete', returning: number): RowsOfSkipped | undefined {
  const table = statement.from + (operation === 'update' ? 1 : 2)
  if (operation === 'delete' && wordAt(statement, table - 1) !== 'from') return undefined
  const target = targetAt(statement, table, FOLLOW)
  if (target === undefined || (operation === 'update' && wordAt(statement, target.next) !== 'set')) return undefined
  const write = part(statement, target.next, returning)
  const where = findWord(write, target.next, 'where')
  if (OTHERS.some((word) => findWord(write, target.next, word) >= 0)) return undefined
  const condition = where < 0 ? [] : ['WHERE', ...textsOf(statement, where + 1, returning)]
  const texts = [
    'SELECT',
    ...textsOf(statement, returning + 1, statement.to),
    'FROM',
    ...textsOf(statement, table, target.next),
    ...condition,
  ]
  return withParameters(statement, texts)
}

/** The texts between these tokens, each parameter by itself as the index of its token. */
function textsOf(statement: Statement, from: number, to: number): readonly (string | number)[] {
  const texts: (string | number)[] = []
  let start = from
  for (let index = from; index <= to; index++) {
    if (index < to && tokenAt(statement, index)?.kind !== 'parameter') continue
    const [first, last] = [tokenAt(statement, start), tokenAt(statement, index - 1)]
    if (index > start && first !== undefined && last !== undefined) {
      texts.push(statement.sql.slice(first.start, last.end))
    }
    if (index < to) texts.push(index)
    start = index + 1
  }
  return texts
}

/** Numbers the parameters anew, in the order in which they stand: PostgreSQL refuses one that nobody uses. */
function withParameters(statement: Statement, texts: readonly (string | number)[]): RowsOfSkipped | undefined {
  const parameters: number[] = []
  const out: string[] = []
  for (const text of texts) {
    if (typeof text === 'string') {
      out.push(text)
      continue
    }
    const token = tokenAt(statement, text)
    const name = token === undefined ? '' : statement.sql.slice(token.start, token.end)
    if (name === '?') {
      parameters.push(questionMarksBefore(statement, text))
      out.push('?')
    } else if (/^\$\d+$/.test(name)) {
      parameters.push(Number(name.slice(1)) - 1)
      out.push(`$${parameters.length}`)
    } else return undefined
  }
  // A line of its own for each: a comment that ends one text must not swallow the next.
  return { sql: out.join('\n'), parameters }
}

function questionMarksBefore(statement: Statement, at: number): number {
  let count = 0
  for (let index = statement.from; index < at; index++) if (tokenAt(statement, index)?.kind === 'parameter') count++
  return count
}
