import type { Analysis, ControlAction, Grammar } from './analysis.ts'
import { controlAnalysis } from './control.ts'
import { lexicalRules } from './lexical-rules.ts'
import { scan } from './scan.ts'
import { splitStatements } from './split-statements.ts'
import { findWord } from './statement.ts'

/** What a text of several statements does to the transaction of its connection. */
export interface StackedControl {
  /** A transaction that was open before it is over behind it. */
  readonly ends: boolean
  /** A transaction is open behind it that was not open before. */
  readonly opens: boolean
}

/** Longer texts are data; nobody begins a transaction in them by hand. */
const LONGEST = 100_000
const ENDINGS: ReadonlySet<ControlAction> = new Set(['commit', 'rollback', 'prepare-transaction'])
const GRAMMARS: readonly Grammar[] = ['postgres', 'mysql', 'sqlite']

/**
 * Reads transaction control out of a text in which other statements stand too, as in `BEGIN; INSERT …`; `undefined` for
 * every text without. `analyze` should remember its verdicts, so that a semicolon in a string costs one look-up.
 */
export function stackedControl(sql: string, analyze: (sql: string) => Analysis): StackedControl | undefined {
  const semicolon = sql.indexOf(';')
  if (semicolon < 0 || semicolon === sql.length - 1 || sql.length > LONGEST) return undefined
  const { kind } = analyze(sql)
  if (kind !== 'unknown' && kind !== 'control') return undefined
  for (const grammar of GRAMMARS) {
    const control = controlOf(sql, grammar)
    if (control.ends || control.opens) return control
  }
  return undefined
}

function controlOf(sql: string, grammar: Grammar): StackedControl {
  const { tokens, problem } = scan(sql, lexicalRules(grammar))
  let ends = false
  let opens = false
  if (problem !== undefined) return { ends, opens }
  for (const statement of splitStatements(sql, grammar, tokens)) {
    const verdict = controlAnalysis(statement, statement.from)
    if (verdict.kind !== 'control') continue
    if (verdict.action === 'begin') opens = true
    if (!ENDINGS.has(verdict.action)) continue
    ends = true
    opens = findWord(statement, statement.from, 'chain') >= 0
  }
  return { ends, opens }
}
