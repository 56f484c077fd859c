import type { Grammar } from './analysis.ts'
import { after, part, type Statement, signAt, wordAt } from './statement.ts'
import type { Token } from './token.ts'

const BODIES = new Set(['function', 'procedure', 'trigger', 'event', 'package', 'rule'])

/** The statements of a text, without the empty ones between semicolons. */
export function splitStatements(sql: string, grammar: Grammar, tokens: readonly Token[]): readonly Statement[] {
  const whole: Statement = { sql, grammar, tokens, from: 0, to: tokens.length }
  if (definesBody(whole)) return [whole]
  const statements: Statement[] = []
  let from = 0
  for (let index = 0; index <= tokens.length; index = after(whole, index)) {
    if (index < tokens.length && !signAt(whole, index, ';')) continue
    if (index > from) statements.push(part(whole, from, index))
    from = index + 1
  }
  return statements
}

/** `CREATE FUNCTION … BEGIN … ; … END`: the semicolons belong to the body, and everything up to the end is one definition. */
function definesBody(statement: Statement): boolean {
  if (wordAt(statement, 0) !== 'create' && wordAt(statement, 0) !== 'alter') return false
  for (let index = 1; index < 12; index++) if (BODIES.has(wordAt(statement, index))) return true
  return false
}
