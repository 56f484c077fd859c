import type { Cluster, ReadOnlyError } from '@quiesce/core'
import { bodyHeaders } from './answer.ts'
import type { HttpOptions } from './http-options.ts'
import { createInterception } from './interception.ts'
import type { RequestReader } from './request-reader.ts'
import type { StateOptions } from './state-options.ts'
import { createStateRoutes } from './state-routes.ts'
import { responseOf, stateResponseOf } from './web-http.ts'

/** What we use of Hono's context. */
export interface HonoContext {
  readonly req: { readonly method: string; readonly url: string; header(name: string): string | undefined }
  /** What a handler threw, after `next()`. */
  readonly error: Error | undefined
  get res(): Response
  set res(response: Response | undefined)
}

/**
 * Refuses write requests while the cluster is read-only, and answers a `ReadOnlyError` from any handler below with the
 * same, whatever `app.onError` does.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * app.use(readOnlyHttp(cluster, { allow: ['/login'] }))
 */
export function readOnlyHttp<C extends HonoContext>(
  cluster: object,
  options: HttpOptions<C> = {},
): (context: C, next: () => Promise<void>) => Promise<Response | undefined> {
  const interception = createInterception('readOnlyHttp()', cluster, options, honoReader)
  const answer = (error: ReadOnlyError, { req }: C): Response =>
    responseOf(interception.answer(error, req.header('accept')), req.method)
  return async (context, next) => {
    const refusal = interception.refusal(context)
    if (refusal !== undefined) return answer(refusal, context)
    await next()
    const refused = context.error === undefined ? undefined : interception.refusalIn(context.error)
    if (refused !== undefined) replaceResponse(context, answer(refused, context))
    return undefined
  }
}

/**
 * Serves the state for user interfaces, and the node's health: `GET /quiesce/state`, `/quiesce/state/stream` (server-sent
 * events), `/quiesce/health/live` and `/quiesce/health/ready`. Other requests go on.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * app.use(readOnlyState(cluster))
 */
export function readOnlyState<C extends HonoContext>(
  cluster: Cluster,
  options: StateOptions = {},
): (context: C, next: () => Promise<void>) => Promise<Response | undefined> {
  const routes = createStateRoutes(cluster, options, honoReader)
  return async (context, next) => {
    const state = routes.find(context)
    if (state !== undefined) return stateResponseOf(state, context.req.method)
    await next()
    return undefined
  }
}

/** Keeps the headers that middleware has set, but none of the body that is replaced. */
function replaceResponse(context: HonoContext, response: Response): void {
  const headers = new Headers(context.res.headers)
  for (const name of bodyHeaders) headers.delete(name)
  for (const [name, value] of response.headers) headers.set(name, value)
  // Hono would put the old headers into a response that replaces another.
  context.res = undefined
  context.res = new Response(response.body, { status: response.status, headers })
}

const honoReader: RequestReader<HonoContext> = {
  method: ({ req }) => req.method,
  target: ({ req }) => req.url,
  header: ({ req }, name) => req.header(name),
}
