import type { Cluster, ReadOnlyError } from '@quiesce/core'
import type { HttpOptions } from './http-options.ts'
import { createInterception } from './interception.ts'
import type { StateOptions } from './state-options.ts'
import { createStateRoutes } from './state-routes.ts'
import { responseOf, stateResponseOf, webReader } from './web-http.ts'

/**
 * Wraps a web-standard handler (`fetch(request)` of Bun, Deno and workers, a route handler): while the cluster is
 * read-only, write requests are answered before it runs, and a `ReadOnlyError` that it throws becomes the same answer.
 * Other errors leave it as they were. Further parameters are handed on.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * export default { fetch: readOnlyHttp(cluster, (request) => new Response('…'), { allow: ['/login'] }) }
 */
export function readOnlyHttp<A extends readonly unknown[]>(
  cluster: object,
  handler: (request: Request, ...more: A) => Response | Promise<Response>,
  options: HttpOptions<Request> = {},
): (request: Request, ...more: A) => Promise<Response> {
  const interception = createInterception('readOnlyHttp()', cluster, options, webReader)
  const answer = (error: ReadOnlyError, { headers, method }: Request): Response =>
    responseOf(interception.answer(error, headers.get('accept') ?? undefined), method)
  return async (request, ...more) => {
    const refusal = interception.refusal(request)
    if (refusal !== undefined) return answer(refusal, request)
    try {
      return await handler(request, ...more)
    } catch (error) {
      const refused = interception.refusalIn(error)
      if (refused === undefined) throw error
      return answer(refused, request)
    }
  }
}

/**
 * Serves the state for user interfaces, and the node's health: `GET /quiesce/state`, `/quiesce/state/stream` (server-sent
 * events), `/quiesce/health/live` and `/quiesce/health/ready`; `undefined` for every other request.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 */
export function readOnlyState(
  cluster: Cluster,
  options: StateOptions = {},
): (request: Request) => Response | undefined {
  const routes = createStateRoutes(cluster, options, webReader)
  return (request) => {
    const state = routes.find(request)
    return state && stateResponseOf(state, request.method)
  }
}
