import { createServer } from 'node:http'
import { readOnlyHttp, readOnlyState } from '@quiesce/http/koa'
import Koa from 'koa'
import { listening, type Shell } from '../shell.ts'

export const koaShell: Shell = {
  name: 'koa 3',
  start({ cluster, options, state, routes }) {
    const app = new Koa()
    app.silent = true
    app.use(readOnlyHttp(cluster, options))
    app.use(readOnlyState(cluster, state))
    app.use(async (context) => {
      const method = context.method === 'HEAD' ? 'get' : context.method.toLowerCase()
      const route = routes.find((each) => each.method === method && each.path === context.path)
      if (route === undefined) return
      context.type = 'text'
      context.body = await route.handle((name, value) => context.set(name, value))
    })
    return listening(createServer(app.callback()))
  },
}
