import { createAdaptorServer } from '@hono/node-server'
import { readOnlyProxy, readOnlyRoute } from '@quiesce/http/next'
import { readOnlyState } from '@quiesce/http/web'
import { listening, type Shell } from '../shell.ts'

/** The proxy before the route handlers, as Next calls them; the example runs both in Next itself. */
export const nextShell: Shell = {
  name: 'next',
  losesHeaders: true,
  start({ cluster, options, state, routes }) {
    const proxy = readOnlyProxy(cluster, options)
    const stateOf = readOnlyState(cluster, state)
    const handlers = new Map(
      routes.map(({ method, path, handle }) => {
        const handler = async () => new Response(await handle(() => {}), { headers: { 'content-type': 'text/plain' } })
        return [`${method} ${path}`, readOnlyRoute(cluster, handler, options)]
      }),
    )
    const fetch = async (request: Request): Promise<Response> => {
      const refused = proxy(request) ?? stateOf(request)
      if (refused !== undefined) return refused
      const method = request.method === 'HEAD' ? 'get' : request.method.toLowerCase()
      const handler = handlers.get(`${method} ${new URL(request.url).pathname}`)
      if (handler === undefined) return new Response(null, { status: 404 })
      return handler(request).catch(() => new Response(null, { status: 500 }))
    }
    return listening(createAdaptorServer({ fetch }) as Parameters<typeof listening>[0])
  },
}
