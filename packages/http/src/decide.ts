import type { GateMode } from '@quiesce/core'
import type { TableWrite } from '@quiesce/core/adapter'
import { pathOf } from './request-path.ts'
import type { Rules } from './rules.ts'

/** What a request says about itself. */
export interface RequestFacts<R = unknown> {
  readonly method: string
  /** The path with its query, or the whole URL, as it was sent. */
  readonly target: string
  /** The methods that it asks to be taken for instead. */
  readonly overrides: readonly string[]
  readonly isUpgrade: boolean
  /** The framework's own request, for predicates. */
  readonly request: R
}

/** What the node knows at this moment. */
export interface Situation {
  readonly mode: GateMode
  /** Whether every active freeze exempts all of these writes. */
  areExempt(writes: readonly TableWrite[]): boolean
}

/** What becomes of a request, and why. */
export type Decision =
  | { readonly verdict: 'pass'; readonly because: 'writable' | 'joining' | 'safe' | 'allowed' }
  | { readonly verdict: 'refuse'; readonly because: 'method' | 'override' | 'upgrade' | 'rule' }

/**
 * Decides on one request, without I/O: the mode first, then the method, then the rules.
 *
 * A node that is still joining lets everything pass: what is guarded below waits for it. A method that nobody has called
 * safe is a write.
 */
export function decide<R>(facts: RequestFacts<R>, situation: Situation, rules: Rules<R>): Decision {
  if (situation.mode === 'read-write') return writable
  if (situation.mode === 'starting') return joining
  const { method, target, overrides, request } = facts
  const matched = { methods: [method, ...overrides], path: pathOf(target), request }
  const because = whyWrite(facts, rules) ?? (rules.isWrite(matched) ? 'rule' : undefined)
  if (because === undefined) return safe
  return rules.isAllowed(matched, situation.areExempt) ? allowed : { verdict: 'refuse', because }
}

function whyWrite<R>(facts: RequestFacts<R>, rules: Rules<R>): 'method' | 'override' | 'upgrade' | undefined {
  if (!rules.isSafe(facts.method)) return 'method'
  if (facts.overrides.some((method) => !rules.isSafe(method))) return 'override'
  return facts.isUpgrade && rules.upgradesWrite ? 'upgrade' : undefined
}

const writable = { verdict: 'pass', because: 'writable' } as const
const joining = { verdict: 'pass', because: 'joining' } as const
const safe = { verdict: 'pass', because: 'safe' } as const
const allowed = { verdict: 'pass', because: 'allowed' } as const
