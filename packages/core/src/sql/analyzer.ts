import QuickLRU from 'quick-lru'
import type { Analysis, Grammar } from './analysis.ts'
import { analyzeBy } from './analyze.ts'
import { type AnalyzeOptions, functionPolicy } from './function-policy.ts'

/** Options of an analyzer. */
export interface AnalyzerOptions extends AnalyzeOptions {
  /** How many texts keep their verdict, 2000 by default; up to twice as many for a moment. */
  readonly cacheSize?: number | undefined
}

/** Tells what a text of SQL does. */
export type Analyzer = (sql: string) => Analysis

/** Longer texts are hardly ever sent twice, and would fill the memory. */
const LONGEST_CACHED = 32_768

/** Makes an analyzer for one database family that remembers its verdicts by text. */
export function createAnalyzer(grammar: Grammar, options: AnalyzerOptions = {}): Analyzer {
  const policy = functionPolicy(grammar, options)
  const verdicts = new QuickLRU<string, Analysis>({ maxSize: options.cacheSize ?? 2000 })
  return (sql) => {
    if (sql.length > LONGEST_CACHED) return analyzeBy(sql, grammar, policy)
    const known = verdicts.get(sql)
    if (known !== undefined) return known
    const verdict = analyzeBy(sql, grammar, policy)
    verdicts.set(sql, verdict)
    return verdict
  }
}
