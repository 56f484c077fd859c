import type { HttpOptions } from './http-options.ts'
import { createInterception } from './interception.ts'
import type { ReadOnlyProblem } from './problem.ts'
import { readOnlyHttp } from './web.ts'
import { responseOf, webReader } from './web-http.ts'

/**
 * The door of a Next.js application, for `proxy.ts` (`middleware.ts` on the Node.js runtime before Next 16): answers write
 * requests while the cluster is read-only, and lets every other one go on.
 *
 * Calls of server actions pass: their clients understand no answer but an action's, see {@link readOnlyAction}.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * export const proxy = readOnlyProxy(cluster, { allow: ['/api/auth/*rest'] })
 */
export function readOnlyProxy<R extends Request>(
  cluster: object,
  options: HttpOptions<R> = {},
): (request: R) => Response | undefined {
  const interception = createInterception('readOnlyProxy()', cluster, options, webReader)
  return (request) => {
    if (request.method === 'POST' && request.headers.has('next-action')) return undefined
    const refusal = interception.refusal(request)
    if (refusal === undefined) return undefined
    return responseOf(interception.answer(refusal, request.headers.get('accept') ?? undefined), request.method)
  }
}

/**
 * Wraps a route handler: while the cluster is read-only, write requests are answered before it runs, and a
 * `ReadOnlyError` that it throws becomes the same answer. Everything else that it throws (`redirect()`, `notFound()`)
 * leaves it as it was.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * export const POST = readOnlyRoute(cluster, async (request) => Response.json(await createOrder(request)))
 */
export const readOnlyRoute: typeof readOnlyHttp = readOnlyHttp

/** What an action returns instead of its own result while the cluster is read-only. */
export interface ReadOnlyResult {
  readonly readOnly: ReadOnlyProblem
}

/**
 * Wraps a server action that writes: while the cluster is read-only it returns `{ readOnly: problem }`, before it runs or
 * when a `ReadOnlyError` comes from it, because what an action throws reaches its form as a nameless error. Everything
 * else that it throws (`redirect()`, `notFound()`) leaves it as it was.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * 'use server'
 * const create = readOnlyAction(cluster, async (form: FormData) => ({ id: await createOrder(form) }))
 * export async function createAction(form: FormData) { return create(form) }
 */
export function readOnlyAction<A extends readonly unknown[], T>(
  cluster: object,
  action: (...parameters: A) => Promise<T>,
  options: Pick<HttpOptions, 'expose' | 'message' | 'status' | 'retryAfterJitter' | 'reportOnly' | 'logger'> = {},
): (...parameters: A) => Promise<T | ReadOnlyResult> {
  const interception = createInterception('readOnlyAction()', cluster, options, webReader)
  return async (...parameters) => {
    const refusal = interception.refusalOf('server action')
    if (refusal !== undefined) return { readOnly: interception.problem(refusal) }
    try {
      return await action(...parameters)
    } catch (error) {
      const refused = interception.refusalIn(error)
      if (refused === undefined) throw error
      return { readOnly: interception.problem(refused) }
    }
  }
}
