import type { ReadOnlyError } from '@quiesce/core'
import { headersOf } from './answer.ts'
import { createOperationInterception } from './operation-interception.ts'
import type { OperationOptions } from './operation-options.ts'
import type { ReadOnlyProblem } from './problem.ts'

export type { OperationOptions } from './operation-options.ts'

/** What we use of a call of a tRPC middleware. */
interface TrpcCall<T> {
  readonly type: string
  readonly path: string
  next(): Promise<T>
}

/** The three places where tRPC lets a refusal be answered. */
export interface ReadOnlyTrpc {
  /** For the base procedure: `t.procedure.use(readOnly.middleware)`. */
  middleware<T>(call: TrpcCall<T>): Promise<T>
  /** For `initTRPC.create({ errorFormatter })`: adds `data.problem`, and tells the public's message. */
  errorFormatter<S extends TrpcShape>(about: {
    readonly shape: S
    readonly error: unknown
  }): S & {
    data: S['data'] & { problem?: ReadOnlyProblem }
  }
  /** For the `responseMeta` of the adapter: sets `Retry-After`, `Cache-Control` and the mode. */
  responseMeta(about: { readonly errors: readonly unknown[] }): { headers?: Record<string, string> }
}

interface TrpcShape {
  readonly message: string
  readonly data: object
}

/**
 * Refuses tRPC mutations while the cluster is read-only, before they run: each call of a batch by itself. Queries and
 * subscriptions pass. A `ReadOnlyError` from a procedure becomes the same error: `FORBIDDEN` for 403, otherwise
 * `SERVICE_UNAVAILABLE` (the status follows from it), with the problem in `data.problem`.
 *
 * A door in front of the server has to let the endpoint pass: `readOnlyHttp(cluster, { allow: ['/trpc/*procedures'] })`.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * const readOnly = readOnlyTrpc(cluster, { allow: ['auth.login'] })
 * const t = initTRPC.create({ errorFormatter: readOnly.errorFormatter })
 * const procedure = t.procedure.use(readOnly.middleware)
 * createHTTPServer({ router, responseMeta: readOnly.responseMeta })
 */
export function readOnlyTrpc(cluster: object, options: OperationOptions = {}): ReadOnlyTrpc {
  const interception = createOperationInterception('readOnlyTrpc()', cluster, options)
  const errorOf = (refusal: ReadOnlyError): TrpcRefusal => new TrpcRefusal(interception.problem(refusal), refusal)
  return {
    async middleware({ type, path, next }) {
      const refusal = type === 'mutation' ? interception.refusal('tRPC mutation', () => [path]) : undefined
      if (refusal !== undefined) throw errorOf(refusal)
      const result = await next()
      const refused = interception.refusalIn(errorIn(result))
      if (refused !== undefined) throw errorOf(refused)
      return result
    },
    errorFormatter({ shape, error }) {
      const problem = problemIn(error)
      if (problem === undefined) return shape
      // A stack is there in development only; with it the data would name tables.
      const { stack: _stack, ...data } = shape.data as { readonly stack?: unknown }
      return { ...shape, message: problem.detail, data: { ...data, problem } } as never
    },
    responseMeta({ errors }) {
      const problem = errors.map(problemIn).find((each) => each !== undefined)
      return problem === undefined ? {} : { headers: { ...headersOf(problem) } }
    },
  }
}

/** What tRPC takes for a TRPCError: it goes by the name. */
class TrpcRefusal extends Error {
  override readonly name = 'TRPCError'
  readonly code: 'FORBIDDEN' | 'SERVICE_UNAVAILABLE'
  readonly problem: ReadOnlyProblem

  constructor(problem: ReadOnlyProblem, cause: ReadOnlyError) {
    super(problem.detail, { cause })
    this.code = problem.status === 403 ? 'FORBIDDEN' : 'SERVICE_UNAVAILABLE'
    this.problem = problem
  }
}

function problemIn(error: unknown): ReadOnlyProblem | undefined {
  return error instanceof TrpcRefusal ? error.problem : undefined
}

/** What `next()` gives instead of throwing. */
function errorIn(result: unknown): unknown {
  return typeof result === 'object' && result !== null ? Reflect.get(result, 'error') : undefined
}
