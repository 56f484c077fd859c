import type { ReadOnlyError } from '@quiesce/core'
import type { z } from 'zod'
import { createInterception, type Interception } from './interception.ts'
import { type OperationOptions, resolveOperationOptions } from './operation-options.ts'

/** What shells are made of that judge an operation instead of a request. */
export interface OperationInterception extends Pick<Interception<never>, 'refusalIn' | 'problem'> {
  /** Why an operation that writes is refused; `names` are what `allow` speaks of. */
  refusal(operation: string, names: () => readonly string[] | undefined): ReadOnlyError | undefined
}

/**
 * Makes the interception of one shell; `of` names the function that the user called.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options, or when `cluster` is none.
 */
export function createOperationInterception(
  of: string,
  cluster: object,
  input: OperationOptions,
  more?: z.ZodRawShape,
): OperationInterception {
  const { http, allowed } = resolveOperationOptions(of, input, more)
  const { refusalOf, refusalIn, problem } = createInterception(of, cluster, http, noRequest)
  const isAllowed = (names: readonly string[] | undefined): boolean =>
    names !== undefined && names.length > 0 && names.every((name) => allowed.has(name))
  return {
    refusal: (operation, names) => (allowed.size > 0 && isAllowed(names()) ? undefined : refusalOf(operation)),
    refusalIn,
    problem,
  }
}

/** Operations are judged by what they are; no request is read. */
const noRequest = { method: () => '', target: () => '', header: () => undefined }
