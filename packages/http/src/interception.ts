import type { ReadOnlyError } from '@quiesce/core'
import { type Gate, gateOf } from '@quiesce/core/adapter'
import { type Answer, answerTo } from './answer.ts'
import { decide, type Situation } from './decide.ts'
import type { HttpOptions } from './http-options.ts'
import { resolveHttpOptions } from './options-schema.ts'
import { problemOf, type ReadOnlyProblem } from './problem.ts'
import { refusalIn } from './refusal-in.ts'
import { pathOf } from './request-path.ts'
import { type RequestReader, readFacts } from './request-reader.ts'
import { compileRules } from './rules.ts'

/** What every shell is made of: the decision at the door, the mapping of errors, and the answer to both. */
export interface Interception<R> {
  /** Why the request is refused at the door, or `undefined` when it may pass; in read-write mode it asks nothing. */
  refusal(request: R): ReadOnlyError | undefined
  /** The same for shells that know by themselves that this operation writes, e.g. a GraphQL mutation. */
  refusalOf(operation: string): ReadOnlyError | undefined
  /** The refusal in an error from below, also when it was wrapped. */
  refusalIn(error: unknown): ReadOnlyError | undefined
  /** The response, for the request's `Accept` header. */
  answer(error: ReadOnlyError, accept: string | undefined): Answer
  /** The problem by itself, for protocols that have an envelope of their own. */
  problem(error: ReadOnlyError): ReadOnlyProblem
}

/**
 * Makes the interception of one shell; `of` names the function that the user called.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options, or when `cluster` is none.
 */
export function createInterception<R>(
  of: string,
  cluster: object,
  input: HttpOptions<R>,
  reader: RequestReader<R>,
): Interception<R> {
  const gate = gateOf(cluster)
  const options = resolveHttpOptions(of, input)
  const rules = compileRules(options)
  const situation = situationOf(gate)
  // Told of each change, so that an open door asks for no clock; the gate knows of a lease that ran out at this moment.
  let isOpen = gate.mode === 'read-write'
  gate.onModeChange(() => {
    isOpen = gate.mode === 'read-write'
  })
  const refuse = (operation: string, about: object): ReadOnlyError | undefined => {
    if (!options.reportOnly) return gate.refuse({ operation })
    options.logger?.warn({ mode: gate.mode, operation, ...about }, 'would refuse this request')
    return undefined
  }
  return {
    refusal(request) {
      if (isOpen) return undefined
      const facts = readFacts(request, reader, options.methodOverride)
      const { verdict, because } = decide(facts, situation, rules)
      if (verdict === 'pass') return undefined
      const { method, target, overrides } = facts
      return refuse(`${nameOf(method)} request`, { method, overrides, path: pathOf(target), because })
    },
    refusalOf(operation) {
      const { mode } = gate
      return isOpen || mode === 'read-write' || mode === 'starting' ? undefined : refuse(operation, {})
    },
    refusalIn,
    answer: (error, accept) => answerTo(error, accept, options),
    // Without the fields that are not known, as JSON would have it.
    problem: (error) => JSON.parse(JSON.stringify(problemOf(error, options, Date.now()))),
  }
}

function situationOf(gate: Gate): Situation {
  return {
    get mode() {
      return gate.mode
    },
    areExempt: (writes) => writes.every((write) => gate.refusedColumns(write) === undefined),
  }
}

const knownMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'QUERY'])

/** Only known methods are named: refusals are counted by operation, and a client can make methods up. */
function nameOf(method: string): string {
  return knownMethods.has(method) ? method : 'other'
}
