import { isBracketKeyword } from './bracket-keywords.ts'
import { isMainVerb } from './main-verb.ts'
import { after, type Statement, signAt, tokenAt, wordAt } from './statement.ts'

/** Words behind which a name with a bracket is a table or alias with its columns. */
const BEFORE_NAMES = new Set([
  'as',
  'into',
  'insert',
  'replace',
  'ignore',
  'delayed',
  'low_priority',
  'high_priority',
  'copy',
])

/** Whether the name at `index`, with a bracket behind it, is a keyword or a name with its columns rather than a call. */
export function isNoCall(statement: Statement, index: number): boolean {
  if (tokenAt(statement, index)?.kind === 'word' && isBracketKeyword(wordAt(statement, index))) return true
  let first = index
  while (signAt(statement, first - 1, '.')) first -= 2
  if (BEFORE_NAMES.has(wordAt(statement, first - 1))) return true
  return followsBrackets(statement, first - 1) || namesQuery(statement, first, after(statement, index + 1))
}

/** `) t(a, b)`: the columns of what stands in brackets; but `DISTINCT ON (a) f(b)` calls. */
function followsBrackets(statement: Statement, close: number): boolean {
  const open = signAt(statement, close, ')') ? (statement.tokens[close]?.match ?? -1) : -1
  return open >= 0 && wordAt(statement, open - 1) !== 'on'
}

/** `WITH t(a, b) AS (SELECT …)`; a function's `AS (a int)` lists columns there instead. */
function namesQuery(statement: Statement, name: number, from: number): boolean {
  const before = wordAt(statement, name - 1)
  if (before !== 'with' && before !== 'recursive' && !signAt(statement, name - 1, ',')) return false
  if (wordAt(statement, from) !== 'as') return false
  let index = from + 1
  while (/^(not|materialized)$/.test(wordAt(statement, index))) index++
  const query = wordAt(statement, index + 1)
  return signAt(statement, index, '(') && (isMainVerb(query) || query === 'with' || signAt(statement, index + 1, '('))
}
