import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { readOnlyHttp, readOnlyState } from '@quiesce/http/node'
import { listening, type Shell, type ShellApplication } from '../shell.ts'

/** A listener that throws at once, or rejects later. */
const shell = (name: string, isAsync: boolean): Shell => ({
  name,
  start({ cluster, options, state, routes }) {
    const answer = isAsync ? answerLater(routes) : answerAtOnce(routes)
    const guarded = readOnlyHttp(cluster, answer, options)
    const answersState = readOnlyState(cluster, state)
    return listening(
      createServer(async (request, response) => {
        if (answersState(request, response)) return
        try {
          await guarded(request, response)
        } catch {
          response.writeHead(500).end()
        }
      }),
    )
  },
})

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

const routeOf = (routes: ShellApplication['routes'], { method = '', url = '' }: IncomingMessage) => {
  const wanted = method === 'HEAD' ? 'get' : method.toLowerCase()
  return routes.find((route) => route.method === wanted && route.path === url.split('?')[0])
}

const answerLater =
  (routes: ShellApplication['routes']): Listener =>
  async (request, response) => {
    const route = routeOf(routes, request)
    if (route === undefined) return response.writeHead(404).end()
    return response.end(await route.handle((name, value) => response.setHeader(name, value)))
  }

const answerAtOnce =
  (routes: ShellApplication['routes']): Listener =>
  (request, response) => {
    const route = routeOf(routes, request)
    if (route === undefined) return response.writeHead(404).end()
    const text = route.handle((name, value) => response.setHeader(name, value))
    return text instanceof Promise ? text.then((late) => response.end(late)) : response.end(text)
  }

export const nodeShells: readonly Shell[] = [shell('node', true), shell('node, a listener that throws', false)]
