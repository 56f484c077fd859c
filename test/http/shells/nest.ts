import 'reflect-metadata'
import * as common from '@nestjs/common'
import * as core from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { readOnlyState } from '@quiesce/http/express'
import { readOnlyState as readOnlyStateOnFastify } from '@quiesce/http/fastify'
import { ReadOnlyModule } from '@quiesce/http/nest'
import * as nest11 from '@quiesce/test-nest-11'
import { listening, type Route, type Shell, type ShellApplication } from '../shell.ts'

type Nest = { readonly common: typeof common; readonly core: typeof core }

/** What a handler may use to set headers, on both platforms. */
interface Reply {
  setHeader?(name: string, value: string): void
  header(name: string, value: string): void
}

/** A controller with the routes, decorated as a class in an application would be. */
function controllerOf(
  { common: { Controller, Get, Post, Put, Delete, HttpCode, Header, Res } }: Nest,
  routes: readonly Route[],
) {
  const verbs = { get: Get, post: Post, put: Put, delete: Delete }
  class Orders {}
  for (const [i, { method, path, handle }] of routes.entries()) {
    const name = `route${i}`
    const handler = (reply: Reply) => handle((header, value) => reply.header(header, value))
    Object.defineProperty(Orders.prototype, name, { value: handler, writable: true, configurable: true })
    const descriptor = Object.getOwnPropertyDescriptor(Orders.prototype, name) ?? {}
    for (const decorate of [verbs[method](path), HttpCode(200), Header('content-type', 'text/plain')])
      decorate(Orders.prototype, name, descriptor)
    Res({ passthrough: true })(Orders.prototype, name, 0)
  }
  Controller()(Orders)
  return Orders
}

function moduleOf(nest: Nest, { cluster, options, routes }: ShellApplication) {
  class App {}
  nest.common.Module({
    // As an application would, from what is injected.
    imports: [ReadOnlyModule.forRootAsync({ useFactory: async () => ({ cluster, ...options }) })],
    controllers: [controllerOf(nest, routes)],
  })(App)
  return App
}

const onExpress = (name: string, nest: Nest): Shell => ({
  name,
  onlyKnownRoutes: true,
  async start(application) {
    const app = await nest.core.NestFactory.create(moduleOf(nest, application), { logger: false, abortOnError: false })
    app.use(readOnlyState(application.cluster, application.state ?? {}))
    await app.init()
    return listening(app.getHttpServer())
  },
})

const onFastify: Shell = {
  name: 'nest 12 on fastify',
  onlyKnownRoutes: true,
  async start(application) {
    const adapter = new FastifyAdapter()
    const app = await core.NestFactory.create(moduleOf({ common, core }, application), adapter, {
      logger: false,
      abortOnError: false,
    })
    await adapter.getInstance().register(readOnlyStateOnFastify(application.cluster, application.state))
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

export const nestShells: readonly Shell[] = [
  onExpress('nest 12 on express', { common, core }),
  onFastify,
  // The same calls; only the types of the two versions differ.
  onExpress('nest 11 on express', nest11 as unknown as Nest),
]
