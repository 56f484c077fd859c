import type { Cluster } from '@quiesce/core'
import { bodyHeaders } from './answer.ts'
import type { HttpOptions } from './http-options.ts'
import { createInterception } from './interception.ts'
import { type NodeStreamResponse, sendState } from './node-http.ts'
import type { RequestReader } from './request-reader.ts'
import type { StateOptions } from './state-options.ts'
import { createStateRoutes } from './state-routes.ts'

/** What we use of Koa's context. */
export interface KoaContext {
  readonly method: string
  readonly originalUrl: string
  /** Below where a mounted application is. */
  readonly url: string
  readonly res: NodeStreamResponse
  respond?: boolean | undefined
  readonly headerSent: boolean
  get(name: string): string
  set(name: string, value: string): unknown
  remove(name: string): unknown
  status: number
  body: unknown
}

/**
 * Refuses write requests while the cluster is read-only, and answers a `ReadOnlyError` from the middleware below with the
 * same. Mount it below error-handling middleware of your own, and above the rest.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * app.use(readOnlyHttp(cluster, { allow: ['/login'] }))
 */
export function readOnlyHttp<C extends KoaContext>(
  cluster: object,
  options: HttpOptions<C> = {},
): (context: C, next: () => Promise<unknown>) => Promise<void> {
  const interception = createInterception('readOnlyHttp()', cluster, options, koaReader)
  return async (context, next) => {
    let refusal = interception.refusal(context)
    try {
      if (refusal === undefined) await next()
    } catch (error) {
      refusal = interception.refusalIn(error)
      if (refusal === undefined || context.headerSent) throw error
    }
    if (refusal === undefined) return
    const { status, headers, body } = interception.answer(refusal, context.get('accept'))
    for (const name of bodyHeaders) context.remove(name)
    context.status = status
    for (const [name, value] of Object.entries(headers)) context.set(name, value)
    context.body = body
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
export function readOnlyState<C extends KoaContext>(
  cluster: Cluster,
  options: StateOptions = {},
): (context: C, next: () => Promise<unknown>) => Promise<void> {
  const routes = createStateRoutes(cluster, options, { ...koaReader, target: ({ url }) => url })
  return async (context, next) => {
    const state = routes.find(context)
    if (state === undefined) {
      await next()
      return
    }
    context.respond = false
    sendState(context.res, state)
  }
}

const koaReader: RequestReader<KoaContext> = {
  method: ({ method }) => method,
  target: ({ originalUrl }) => originalUrl,
  header: (context, name) => context.get(name) || undefined,
}
