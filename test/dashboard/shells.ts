import 'reflect-metadata'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import * as common from '@nestjs/common'
import * as core from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { Dashboard } from '@quiesce/dashboard'
import { dashboardListener } from '@quiesce/dashboard/node'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { listening, type RunningShell } from '../http/shell.ts'
import { isLong } from '../support/long.ts'

/** One framework (or version of it) that serves the dashboard, as its page in the documentation says. */
export interface DashboardShell {
  readonly name: string
  /** It also has a route of its own, `/other`. */
  readonly hasOther?: boolean
  start(dashboard: Dashboard): Promise<RunningShell>
}

const other = (_: unknown, answer: { send(text: string): unknown }): void => void answer.send('application')

const onExpress = (name: string, load: () => Promise<typeof express>): DashboardShell => ({
  name,
  hasOther: true,
  async start(dashboard) {
    const make = await load()
    return listening(createServer(make().use(dashboardListener(dashboard)).get('/other', other)))
  },
})

interface FastifyLike {
  all(path: string, handler: (request: Hijacked, reply: { hijack(): unknown; raw: ServerResponse }) => unknown): unknown
}
interface Hijacked {
  readonly raw: IncomingMessage
  readonly body: unknown
}

function mountOnFastify(app: FastifyLike, dashboard: Dashboard): void {
  const listener = dashboardListener(dashboard)
  for (const path of ['/quiesce/ui', '/quiesce/ui/*']) {
    app.all(path, (request, reply) => {
      reply.hijack()
      return listener(Object.assign(request.raw, { body: request.body }), reply.raw)
    })
  }
}

const onFastify = (name: string, load: () => Promise<typeof fastify>): DashboardShell => ({
  name,
  async start(dashboard) {
    const app = (await load())()
    mountOnFastify(app, dashboard)
    await app.ready()
    return listening(createServer((request, response) => app.routing(request, response)))
  },
})

const koa: DashboardShell = {
  name: 'koa',
  start(dashboard) {
    const listener = dashboardListener(dashboard)
    const app = new Koa().use(async (context, next) => {
      if (!context.path.startsWith('/quiesce/ui')) return next()
      context.respond = false
      await listener(context.req, context.res)
    })
    return listening(createServer(app.callback()))
  },
}

type Fetch = (request: Request) => Response | Promise<Response>
const onWeb = (name: string, fetchOf: (dashboard: Dashboard) => Fetch): DashboardShell => ({
  name,
  start: (dashboard) =>
    listening(createAdaptorServer({ fetch: fetchOf(dashboard) }) as Parameters<typeof listening>[0]),
})

/** Next calls the exported function of the method that was asked for, with a Request; the example runs in Next itself. */
const nextHandlers = (dashboard: Dashboard): Fetch => {
  const route = { GET: (request: Request) => dashboard(request), POST: (request: Request) => dashboard(request) }
  return (request) => route[request.method === 'POST' ? 'POST' : 'GET'](request)
}

type Nest = { readonly common: typeof common; readonly core: typeof core }

function nestModule({ common: { Controller, Get, Module } }: Nest) {
  class Other {
    other() {
      return 'application'
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Other.prototype, 'other') ?? {}
  Get('other')(Other.prototype, 'other', descriptor)
  Controller()(Other)
  class App {}
  Module({ controllers: [Other] })(App)
  return App
}

const onNest = (name: string, load: () => Promise<Nest>): DashboardShell => ({
  name,
  hasOther: true,
  async start(dashboard) {
    const nest = await load()
    const app = await nest.core.NestFactory.create(nestModule(nest), { logger: false, abortOnError: false })
    app.use(dashboardListener(dashboard))
    await app.init()
    return listening(app.getHttpServer())
  },
})

const nestOnFastify: DashboardShell = {
  name: 'nest 12 on fastify',
  hasOther: true,
  async start(dashboard) {
    const adapter = new FastifyAdapter()
    const app = await core.NestFactory.create(nestModule({ common, core }), adapter, { logger: false })
    mountOnFastify(adapter.getInstance() as unknown as FastifyLike, dashboard)
    await app.listen(0, '127.0.0.1')
    return {
      port: app.getHttpServer().address().port,
      async close() {
        app.getHttpServer().closeAllConnections()
        await app.close()
      },
    }
  },
}

/** The same calls as of the newest; only the types differ. */
const older: readonly DashboardShell[] = [
  onExpress('express 4', async () => (await import('express4')).default as unknown as typeof express),
  onFastify('fastify 4', async () => (await import('fastify4')).default as unknown as typeof fastify),
  onNest('nest 11 on express', async () => (await import('@quiesce/test-nest-11')) as unknown as Nest),
]

/** Every framework of the HTTP package; older versions of some where there is time. */
export const dashboardShells: readonly DashboardShell[] = [
  { name: 'node:http', start: (dashboard) => listening(createServer(dashboardListener(dashboard))) },
  onExpress('express 5', async () => express),
  {
    name: 'express, below a path and a parser',
    hasOther: true,
    start(dashboard) {
      const app = express().use(express.json()).use('/quiesce', dashboardListener(dashboard)).get('/other', other)
      return listening(createServer(app))
    },
  },
  onFastify('fastify 5', async () => fastify),
  koa,
  onWeb('hono', (dashboard) => new Hono().all('/quiesce/*', ({ req }) => dashboard(req.raw)).fetch),
  onWeb('a web-standard server', (dashboard) => (request) => dashboard(request)),
  onWeb('next', nextHandlers),
  onNest('nest 12 on express', async () => ({ common, core })),
  nestOnFastify,
  ...(isLong ? older : []),
]
