import { createServer } from 'node:http'
import { type OperationOptions, type ReadOnlyTrpc, readOnlyTrpc } from '@quiesce/http/trpc'
import { initTRPC } from '@trpc/server'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { listening } from '../shell.ts'
import {
  handlerOf,
  mutations,
  type OperationApplication,
  type OperationShell,
  queries,
  type Seen,
} from './operation-shell.ts'

interface Body {
  readonly result?: { readonly data: unknown }
  readonly error?: { readonly message: string; readonly data: { readonly problem?: unknown } }
}

const post = (url: string): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })

function routerOf(application: OperationApplication, readOnly: ReadOnlyTrpc) {
  const t = initTRPC.create({ errorFormatter: readOnly.errorFormatter, isDev: true })
  const procedure = t.procedure.use(readOnly.middleware)
  const all = (names: readonly string[], kind: 'query' | 'mutation') =>
    names.map((name) => [name, procedure[kind](handlerOf(name, application))] as const)
  return t.router(Object.fromEntries([...all(queries, 'query'), ...all(mutations, 'mutation')]))
}

export const trpcShell = (options: OperationOptions): OperationShell => ({
  name: 'trpc 11',
  async start(application) {
    const readOnly = readOnlyTrpc(application.cluster, { ...options, allow: application.allow })
    const router = routerOf(application, readOnly)
    const { port, close } = await listening(
      createServer(createHTTPHandler({ router, responseMeta: readOnly.responseMeta })),
    )
    const url = `http://127.0.0.1:${port}`
    const seen = ({ status, headers }: Response, { result, error }: Body): Seen => {
      if (error === undefined) return { status, headers, value: result?.data }
      const { problem } = error.data
      return problem === undefined ? { status, headers, error } : { status, headers, problem, message: error.message }
    }
    return {
      url,
      async call(name) {
        const response = await (queries.includes(name) ? fetch(`${url}/${name}`) : post(`${url}/${name}`))
        return seen(response, (await response.json()) as Body)
      },
      async batch() {
        const response = await post(`${url}/createOrder,login?batch=1`)
        // Queries and mutations are never in one batch: the one that may pass comes first here too.
        return ((await response.json()) as Body[]).map((each) => seen(response, each)).reverse()
      },
      close,
    }
  },
})
