import { foldAscii } from './characters.ts'
import { after, nameAt, type Statement, signAt, stringAt, tokenAt, wordAt } from './statement.ts'

/**
 * The index of the statement that an `EXPLAIN` (`DESCRIBE`, MariaDB's `ANALYZE`) at `at` executes, `undefined` where it
 * only plans.
 */
export function executedByExplain(statement: Statement, at: number): number | undefined {
  if (statement.grammar === 'sqlite') return undefined
  return statement.grammar === 'postgres' ? postgres(statement, at + 1) : mysql(statement, at)
}

function postgres(statement: Statement, from: number): number | undefined {
  if (signAt(statement, from, '(')) {
    const close = after(statement, from) - 1
    return analyzes(statement, from + 1, close) ? close + 1 : undefined
  }
  let executed = false
  let index = from
  for (; /^(analyze|analyse|verbose)$/.test(wordAt(statement, index)); index++) {
    executed ||= wordAt(statement, index) !== 'verbose'
  }
  return executed ? index : undefined
}

/** `(ANALYZE, BUFFERS off, …)`: given several times, any that isn't switched off counts. */
function analyzes(statement: Statement, from: number, close: number): boolean {
  for (let index = from; index < close; index++) {
    if (!/^analy[zs]e$/.test(foldAscii(nameAt(statement, index) ?? ''))) continue
    const token = tokenAt(statement, index + 1)
    const number = token?.kind === 'number' ? statement.sql.slice(token.start, token.end) : undefined
    const value = stringAt(statement, index + 1) ?? nameAt(statement, index + 1) ?? number ?? ''
    if (!/^(off|false|0)$/.test(foldAscii(value))) return true
  }
  return false
}

function mysql(statement: Statement, at: number): number | undefined {
  let executed = wordAt(statement, at) === 'analyze'
  let index = at + 1
  for (;;) {
    const end = optionEnd(statement, index)
    if (end === index) return executed ? index : undefined
    executed ||= wordAt(statement, index) === 'analyze'
    index = end
  }
}

/** The index behind the option of MySQL's EXPLAIN at `at`, the same index where none stands. */
function optionEnd(statement: Statement, at: number): number {
  const next = at + 1
  switch (wordAt(statement, at)) {
    case 'analyze':
    case 'extended':
    case 'partitions':
      return next
    case 'format':
      return signAt(statement, next, '=') ? at + 3 : at
    case 'into':
      return tokenAt(statement, next)?.kind === 'variable' ? at + 2 : at
    case 'for':
      return /^(schema|database)$/.test(wordAt(statement, next)) ? at + 3 : at
    default:
      return at
  }
}
