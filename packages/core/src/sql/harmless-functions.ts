import type { Grammar } from './analysis.ts'

/** Functions, types and keywords that may stand before a bracket in a read, for the strict mode. */
export function harmlessFunctions(_grammar: Grammar): readonly string[] {
  return []
}
