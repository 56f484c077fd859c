import type { Cluster } from '@quiesce/core'
import type { HttpOptions } from './http-options.ts'
import { createInterception } from './interception.ts'
import {
  mountedReader,
  type NodeRequest,
  type NodeResponse,
  type NodeStreamResponse,
  nodeReader,
  sendAnswer,
  sendState,
} from './node-http.ts'
import type { StateOptions } from './state-options.ts'
import { createStateRoutes } from './state-routes.ts'

/** A middleware of Express 4 and 5, and of what speaks the same (Connect, Polka, Restify). */
export type Middleware<R extends NodeRequest> = (
  request: R,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => void

/** An error-handling middleware of Express 4 and 5. */
export type ErrorMiddleware<R extends NodeRequest> = (
  error: unknown,
  request: R,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Refuses write requests at the door while the cluster is read-only, before authentication, body parsing and handlers.
 *
 * Mount it after what every response needs (CORS, request ids) and before the rest. In read-write mode it only asks the
 * node's mode.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * app.use(readOnlyHttp(cluster, { allow: ['/login', '/logout'] }))
 * // routes
 * app.use(readOnlyErrors(cluster))
 */
export function readOnlyHttp<R extends NodeRequest>(cluster: object, options: HttpOptions<R> = {}): Middleware<R> {
  const interception = createInterception('readOnlyHttp()', cluster, options, nodeReader)
  return (request, response, next) => {
    const refusal = interception.refusal(request)
    if (refusal === undefined) next()
    else sendAnswer(response, interception.answer(refusal, request.headers['accept']?.toString()))
  }
}

/**
 * Answers a `ReadOnlyError` from a handler as {@link readOnlyHttp} answers at the door; other errors go on.
 *
 * Mount it after the routes and before error handlers of your own. Give it the same options.
 */
export function readOnlyErrors<R extends NodeRequest>(
  cluster: object,
  options: HttpOptions<R> = {},
): ErrorMiddleware<R> {
  const interception = createInterception('readOnlyErrors()', cluster, options, nodeReader)
  return (error, request, response, next) => {
    const refusal = interception.refusalIn(error)
    // What has begun cannot be answered any more; Express ends the connection.
    if (refusal === undefined || response.headersSent) next(error)
    else sendAnswer(response, interception.answer(refusal, request.headers['accept']?.toString()))
  }
}

/**
 * Serves the state for user interfaces, and the node's health: `GET /quiesce/state`, `/quiesce/state/stream` (server-sent
 * events), `/quiesce/health/live` and `/quiesce/health/ready`, below where it is mounted. Other requests go on.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * app.use(readOnlyState(cluster))
 */
export function readOnlyState(
  cluster: Cluster,
  options: StateOptions = {},
): (request: NodeRequest, response: NodeStreamResponse, next: () => void) => void {
  const routes = createStateRoutes(cluster, options, mountedReader)
  return (request, response, next) => {
    const state = routes.find(request)
    if (state === undefined) next()
    else sendState(response, state)
  }
}
