import type { Cluster, ReadOnlyError } from '@quiesce/core'
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

/**
 * Wraps a request listener of `node:http`, `node:https` or `node:http2`: while the cluster is read-only, write requests
 * are answered before it runs, and a `ReadOnlyError` that it throws or rejects with becomes the same answer. Other errors
 * leave it as they were.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * createServer(readOnlyHttp(cluster, (request, response) => …, { allow: ['/login'] }))
 */
export function readOnlyHttp<R extends NodeRequest, P extends NodeResponse>(
  cluster: object,
  listener: (request: R, response: P) => unknown,
  options: HttpOptions<R> = {},
): (request: R, response: P) => unknown {
  const interception = createInterception('readOnlyHttp()', cluster, options, nodeReader)
  const answer = (error: ReadOnlyError, request: R, response: P): void =>
    sendAnswer(response, interception.answer(error, request.headers['accept']?.toString()))
  const failed = (error: unknown, request: R, response: P): void => {
    const refusal = interception.refusalIn(error)
    if (refusal === undefined || response.headersSent) throw error
    answer(refusal, request, response)
  }
  return (request, response) => {
    const refusal = interception.refusal(request)
    if (refusal !== undefined) return answer(refusal, request, response)
    try {
      const result = listener(request, response)
      return result instanceof Promise ? result.catch((error) => failed(error, request, response)) : result
    } catch (error) {
      return failed(error, request, response)
    }
  }
}

/** What we need of the socket of an upgrade. */
export interface UpgradeSocket {
  end(text: string): unknown
}

/**
 * Refuses upgrades (websockets) while the cluster is read-only: returns true when it has answered, so that the caller
 * leaves the socket alone. What comes through open websockets is not looked at; the guard refuses their writes.
 *
 * @example
 * const refused = readOnlyUpgrade(cluster)
 * server.on('upgrade', (request, socket, head) => {
 *   if (!refused(request, socket)) webSockets.handleUpgrade(request, socket, head, …)
 * })
 */
export function readOnlyUpgrade<R extends NodeRequest>(
  cluster: object,
  options: HttpOptions<R> = {},
): (request: R, socket: UpgradeSocket) => boolean {
  const all = { ...options, upgrades: 'write' as const }
  const interception = createInterception('readOnlyUpgrade()', cluster, all, nodeReader)
  return (request, socket) => {
    const refusal = interception.refusal(request)
    if (refusal === undefined) return false
    const { status, headers, body } = interception.answer(refusal, request.headers['accept']?.toString())
    const all = { ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.end(`HTTP/1.1 ${status} Read Only\r\n${lines.join('')}\r\n${body}`)
    return true
  }
}

/**
 * Serves the state for user interfaces, and the node's health: `GET /quiesce/state`, `/quiesce/state/stream` (server-sent
 * events), `/quiesce/health/live` and `/quiesce/health/ready`. Returns whether it has answered the request.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * const state = readOnlyState(cluster)
 * createServer((request, response) => {
 *   if (!state(request, response)) application(request, response)
 * })
 */
export function readOnlyState(
  cluster: Cluster,
  options: StateOptions = {},
): (request: NodeRequest, response: NodeStreamResponse) => boolean {
  const routes = createStateRoutes(cluster, options, mountedReader)
  return (request, response) => {
    const state = routes.find(request)
    if (state !== undefined) sendState(response, state)
    return state !== undefined
  }
}
