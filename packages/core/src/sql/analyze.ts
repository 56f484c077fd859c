import type { Analysis, Grammar } from './analysis.ts'
import { classify } from './classify.ts'
import { combine } from './combine.ts'
import { type AnalyzeOptions, type FunctionPolicy, functionPolicy } from './function-policy.ts'
import { type LexicalRules, lexicalRules, otherReadings } from './lexical-rules.ts'
import { type Scan, scan } from './scan.ts'
import { splitStatements } from './split-statements.ts'

/** Longer texts are refused unread, so that one statement can't take the memory of the process. */
const LONGEST = 16_000_000

/**
 * Tells what a text of SQL does, from the text alone.
 *
 * Fails closed: whatever it can't vouch for is `unknown`. It never throws, whatever the text holds, and takes time linear
 * in its length. What a function or trigger of the application's own does can't be seen here; see `AnalyzeOptions`.
 *
 * @example
 * analyze('UPDATE card SET seen = now() WHERE id = $1', 'postgres')
 * // { kind: 'write', writes: [{ operation: 'update', schema: undefined, table: 'card', columns: ['seen'] }] }
 */
export function analyze(sql: string, grammar: Grammar, options?: AnalyzeOptions): Analysis {
  return analyzeBy(sql, grammar, functionPolicy(grammar, options))
}

/** `analyze` with a policy that was made before. */
export function analyzeBy(sql: string, grammar: Grammar, policy: FunctionPolicy): Analysis {
  if (sql.length > LONGEST) return { kind: 'unknown', why: 'a text too long to analyse' }
  if (sql.includes('\0')) return { kind: 'unknown', why: 'a NUL character' }
  const rules = lexicalRules(grammar)
  const tokens = scan(sql, rules)
  const verdict = judge(sql, rules, tokens, policy)
  if (!rules.sqlModes || !(tokens.backslash || tokens.doubleQuote)) return verdict
  for (const reading of otherReadings(rules, tokens.backslash, tokens.doubleQuote)) {
    if (!agrees(sql, reading, policy, verdict))
      return { kind: 'unknown', why: 'means another thing in another sql_mode' }
  }
  return verdict
}

function judge(sql: string, rules: LexicalRules, { problem, tokens }: Scan, policy: FunctionPolicy): Analysis {
  if (problem !== undefined) return { kind: 'unknown', why: problem }
  return combine(splitStatements(sql, rules.grammar, tokens).map((statement) => classify(statement, policy)))
}

/** A reading in which the text is broken agrees with any, unless a statement before the broken place would run. */
function agrees(sql: string, rules: LexicalRules, policy: FunctionPolicy, verdict: Analysis): boolean {
  const reading = scan(sql, rules)
  if (reading.problem !== undefined) return !reading.tokens.some((token) => token.kind === 'sign' && token.text === ';')
  return JSON.stringify(judge(sql, rules, reading, policy)) === JSON.stringify(verdict)
}
