import { createAdaptorServer } from '@hono/node-server'
import { readOnlyHttp, readOnlyState } from '@quiesce/http/hono'
import { Hono } from 'hono'
import { listening, type Shell } from '../shell.ts'

const shell = (name: string, prepare: (app: Hono) => void): Shell => ({
  name,
  start({ cluster, options, state, routes }) {
    const app = new Hono()
    app.use(readOnlyHttp(cluster, options))
    app.use(readOnlyState(cluster, state))
    prepare(app)
    for (const { method, path, handle } of routes) {
      app[method](path, async (context) => context.text(await handle((header, value) => context.header(header, value))))
    }
    return listening(createAdaptorServer({ fetch: app.fetch }) as Parameters<typeof listening>[0])
  },
})

export const honoShells: readonly Shell[] = [
  shell('hono', (app) => app.onError((_error, context) => context.text('', 500))),
]
