import type { IncomingMessage, RequestListener } from 'node:http'
import { createTestCluster } from '@quiesce/core/testing'
import { readOnlyHttp as express, readOnlyErrors } from '@quiesce/http/express'
import { readOnlyHttp as fastify } from '@quiesce/http/fastify'
import { readOnlyHttp as hono } from '@quiesce/http/hono'
import { readOnlyHttp as koa } from '@quiesce/http/koa'
import { readOnlyHttp as node } from '@quiesce/http/node'
import { readOnlyHttp as web } from '@quiesce/http/web'
import type { ErrorRequestHandler, Request as ExpressRequest, RequestHandler } from 'express'
import type { FastifyPluginCallback, FastifyRequest } from 'fastify'
import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import type { Context as KoaContext, Middleware as KoaMiddleware } from 'koa'
import { expectTypeOf, test } from 'vitest'

const cluster = createTestCluster('postgres://x')

test('predicates get the framework’s own request, and the shells fit where the framework takes them', () => {
  const allow = { allow: [({ ip }: ExpressRequest) => ip === '::1'] }
  expectTypeOf(express(cluster, allow)).toExtend<RequestHandler>()
  expectTypeOf(readOnlyErrors(cluster, allow)).toExtend<ErrorRequestHandler>()
  expectTypeOf(
    fastify(cluster, { allow: [({ ip }: FastifyRequest) => ip === '::1'] }),
  ).toExtend<FastifyPluginCallback>()
  expectTypeOf(koa(cluster, { allow: [({ ip }: KoaContext) => ip === '::1'] })).toExtend<KoaMiddleware>()
  const path = ({ req }: HonoContext) => req.path === '/login'
  expectTypeOf(hono(cluster, { allow: [path] })).toExtend<MiddlewareHandler>()
  const isLocal = ({ socket }: IncomingMessage) => socket.remoteAddress === '::1'
  const listener: RequestListener = (_request, response) => void response.end()
  expectTypeOf(node(cluster, listener, { allow: [isLocal] })).toExtend<RequestListener>()
  const handler = async (_request: Request, { id }: { id: string }) => new Response(id)
  expectTypeOf(web(cluster, handler)).parameters.toEqualTypeOf<[Request, { id: string }]>()
})
