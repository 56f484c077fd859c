import type { Grammar } from './analysis.ts'
import { foldAscii } from './characters.ts'
import { effectfulFunctions, type FunctionEffect } from './function-effects.ts'
import { harmlessFunctions } from './harmless-functions.ts'

/** Which function calls an analysis accepts in a read. */
export interface AnalyzeOptions {
  /**
   * `deny` (default): functions with effects are refused by name, every other one passes; a function of the
   * application's own that writes is then not seen. `allow`: only functions known to be harmless pass.
   */
  readonly functions?: 'deny' | 'allow' | undefined
  /** More functions to refuse in a read; names without schema. */
  readonly effectfulFunctions?: readonly string[] | undefined
  /** Functions that the application vouches for; names without schema. */
  readonly harmlessFunctions?: readonly string[] | undefined
}

/** What calling a function of this name does, `unlisted` where the strict mode can't tell. */
export type FunctionPolicy = (name: string) => FunctionEffect | 'unlisted' | undefined

/** Makes the policy of one analyzer; an effectful name wins over a harmless one. */
export function functionPolicy(grammar: Grammar, options: AnalyzeOptions = {}): FunctionPolicy {
  const effects = new Map<string, FunctionEffect>(effectfulFunctions(grammar))
  const harmless = (options.harmlessFunctions ?? []).map(foldAscii)
  for (const name of harmless) effects.delete(name)
  for (const name of options.effectfulFunctions ?? []) effects.set(foldAscii(name), 'effect')
  if (options.functions !== 'allow') return (name) => effects.get(name)
  const known = new Set([...harmlessFunctions(grammar), ...harmless])
  return (name) => effects.get(name) ?? (known.has(name) ? undefined : 'unlisted')
}
