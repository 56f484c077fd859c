import type { Cluster, ReadOnlyError } from '@quiesce/core'
import { type FastifyReplyLike, replyWith } from './fastify-http.ts'
import type { HttpOptions } from './http-options.ts'
import { createInterception } from './interception.ts'
import { type NodeRequest, type NodeStreamResponse, sendState } from './node-http.ts'
import type { RequestReader } from './request-reader.ts'
import type { StateOptions } from './state-options.ts'
import { createStateRoutes } from './state-routes.ts'

/** What we use of Fastify's request. */
export interface FastifyRequestLike {
  readonly method: string
  readonly url: string
  readonly headers: NodeRequest['headers']
}

/** What we use of Fastify's reply. */
interface FastifyRouteReply extends FastifyReplyLike {
  readonly sent: boolean
  getHeaders(): Readonly<Record<string, number | string | string[] | undefined>>
  hijack(): unknown
  readonly raw: NodeStreamResponse
}

type ErrorHandler<R> = (this: unknown, error: unknown, request: R, reply: FastifyRouteReply) => unknown

/** What we use of Fastify's instance. */
interface FastifyHooks<R> {
  addHook(name: 'onRequest', hook: (request: R, reply: FastifyRouteReply, done: () => void) => void): unknown
  addHook(name: 'onRoute', hook: (route: { errorHandler?: ErrorHandler<R> }) => void): unknown
}

/** A plugin of Fastify 4 and 5, for the instance that it is registered on and everything below. */
export type FastifyPlugin = (instance: { addHook: unknown }, options: unknown, done: () => void) => void

/**
 * Refuses write requests while the cluster is read-only, and answers a `ReadOnlyError` from any route with the same,
 * before error handlers of the application are asked. Register it, and await that, before the routes that it is for.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * await app.register(readOnlyHttp(cluster, { allow: ['/login'] }))
 */
export function readOnlyHttp<R extends FastifyRequestLike>(
  cluster: object,
  options: HttpOptions<R> = {},
): FastifyPlugin {
  const interception = createInterception('readOnlyHttp()', cluster, options, fastifyReader)
  const answer = (error: ReadOnlyError, request: R, reply: FastifyReplyLike): unknown =>
    replyWith(reply, interception.answer(error, request.headers['accept']?.toString()))
  const plugin: FastifyPlugin = (instance, _options, done) => {
    // Fastify's own types are overloads over its generics; these two calls are what we need of them.
    const hooks = instance as FastifyHooks<R>
    hooks.addHook('onRequest', (request, reply, proceed) => {
      const refusal = interception.refusal(request)
      if (refusal === undefined) proceed()
      else answer(refusal, request, reply)
    })
    hooks.addHook('onRoute', (route) => {
      const own = route.errorHandler
      route.errorHandler = function handle(error, request, reply) {
        const refusal = interception.refusalIn(error)
        if (refusal !== undefined && !reply.sent) return answer(refusal, request, reply)
        if (own !== undefined) return own.call(this, error, request, reply)
        // On to the error handler of the scope.
        throw error
      }
    })
    done()
  }
  return Object.assign(plugin, {
    // As fastify-plugin marks it: for the instance itself, not for a scope below it.
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: '@quiesce/http',
    [Symbol.for('plugin-meta')]: { name: '@quiesce/http', fastify: '4.x || 5.x' },
  })
}

/**
 * Serves the state for user interfaces, and the node's health: `GET /quiesce/state`, `/quiesce/state/stream` (server-sent
 * events), `/quiesce/health/live` and `/quiesce/health/ready`, below the prefix of the registration.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * await app.register(readOnlyState(cluster))
 */
export function readOnlyState(cluster: Cluster, options: StateOptions = {}): FastifyStatePlugin {
  const { byPath } = createStateRoutes(cluster, options, fastifyReader)
  return (instance, _options, done) => {
    // See above.
    const app = instance as FastifyRoutes
    for (const [path, answer] of byPath) {
      app.get(path, (request, reply) => {
        reply.hijack()
        for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, String(value))
        sendState(reply.raw, answer(request))
      })
    }
    done()
  }
}

/** A plugin of Fastify 4 and 5 that adds routes. */
export type FastifyStatePlugin = (instance: { get: unknown }, options: unknown, done: () => void) => void

interface FastifyRoutes {
  get(path: string, handler: (request: FastifyRequestLike, reply: FastifyRouteReply) => void): unknown
}

const fastifyReader: RequestReader<FastifyRequestLike> = {
  method: ({ method }) => method,
  target: ({ url }) => url,
  header: ({ headers }, name) => headers[name]?.toString(),
}
