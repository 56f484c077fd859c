import { createAdaptorServer } from '@hono/node-server'
import { readOnlyHttp, readOnlyState } from '@quiesce/http/web'
import { listening, type Shell } from '../shell.ts'

/** Web-standard handlers have no server of their own in Node; Hono's makes the requests. */
export const webShell: Shell = {
  name: 'web',
  losesHeaders: true,
  start({ cluster, options, state, routes }) {
    const handler = async (request: Request): Promise<Response> => {
      const method = request.method === 'HEAD' ? 'get' : request.method.toLowerCase()
      const route = routes.find((each) => each.method === method && each.path === new URL(request.url).pathname)
      if (route === undefined) return new Response(null, { status: 404 })
      const headers = new Headers({ 'content-type': 'text/plain' })
      return new Response(await route.handle((name, value) => headers.set(name, value)), { headers })
    }
    const guarded = readOnlyHttp(cluster, handler, options)
    const stateOf = readOnlyState(cluster, state)
    const fetch = async (request: Request): Promise<Response> =>
      stateOf(request) ?? guarded(request).catch(() => new Response(null, { status: 500 }))
    return listening(createAdaptorServer({ fetch }) as Parameters<typeof listening>[0])
  },
}
