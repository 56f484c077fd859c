import { randomBytes } from 'node:crypto'
import type { Cluster } from '@quiesce/core'
import { accessOf, plain } from './access.ts'
import { createActions } from './actions.ts'
import { createCsrf } from './csrf.ts'
import { type DashboardOptions, resolveDashboardOptions, type Viewer } from './dashboard-options.ts'
import { createLivePages } from './live-pages.ts'
import { pageOf } from './view/page.ts'
import { createWatch } from './watch.ts'

/** Where a request comes from, as the server knows it. */
export interface ClientAddress {
  /** The address of the other end of the connection. */
  readonly address?: string | undefined
}

/** A dashboard, ready to be served. */
export interface Dashboard {
  /** Answers a request of the dashboard; every other one with 404. */
  (request: Request, client?: ClientAddress): Promise<Response>
  /** Whether a path is the dashboard's. */
  handles(pathname: string): boolean
}

/**
 * Makes the dashboard of a cluster: one web-standard handler, for every framework that speaks `Request` and `Response`;
 * `@quiesce/dashboard/node` serves it from `node:http`, Express, Fastify and Koa.
 *
 * It asks the database as `cluster.status()` does, without joining, and only while somebody looks. It shows; with
 * `actions` those whom `auth` names may also change. Without `auth` only clients on this machine are served, which needs
 * `client.address`; without that too, nobody.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * const dashboard = createDashboard(cluster, { auth: (request) => sessionOf(request)?.user, actions: true })
 */
export function createDashboard(cluster: Cluster, input: DashboardOptions = {}): Dashboard {
  const options = resolveDashboardOptions(input)
  const csrf = createCsrf(options.csrfSecret)
  const actions = createActions(cluster, options)
  const watch = createWatch(cluster, { ...options, canExtend: actions.canExtend })
  const live = createLivePages(watch, options, () => cluster.state.mode === 'closed')
  const { basePath } = options
  const canAct = (viewer: Viewer): boolean => options.actions && viewer.canAct !== false

  const page = async (request: Request, viewer: Viewer): Promise<Response> => {
    const nonce = randomBytes(16).toString('base64')
    const { pathname } = new URL(request.url)
    // Relative, because a proxy may serve this under another path.
    const home = pathname.endsWith('/') ? '' : `${pathname.slice(pathname.lastIndexOf('/') + 1)}/`
    const text = pageOf(await watch.look(), {
      nonce,
      home,
      viewer: viewer.name,
      csrf: canAct(viewer) ? csrf.tokenFor(viewer.name) : undefined,
    })
    return new Response(request.method === 'HEAD' ? null : text, { headers: pageHeaders(nonce) })
  }
  const act = async (request: Request, viewer: Viewer): Promise<Response> => {
    if (!canAct(viewer)) return plain(403, 'This dashboard only shows. Nothing was changed.')
    const isOwn = isSameOrigin(request) && csrf.isValid(request.headers.get('quiesce-csrf'), viewer.name)
    if (!isOwn)
      return plain(403, 'The request does not come from this page. Reload it and try again; nothing was changed.')
    return actions.perform(request, viewer)
  }
  const answer = async (request: Request, client?: ClientAddress): Promise<Response> => {
    const { pathname } = new URL(request.url)
    const route = routeOf(pathname, basePath)
    if (route === undefined) return plain(404, 'Not found.')
    const allowed = methods[route]
    if (!allowed.includes(request.method)) return plain(405, 'Method not allowed.', { allow: allowed.join(', ') })
    const { viewer, refused } = await accessOf(request, client, options)
    if (viewer === undefined) return refused
    if (route === 'actions') return act(request, viewer)
    return route === 'stream' ? live.open(request, canAct(viewer)) : page(request, viewer)
  }
  return Object.assign(answer, { handles: (pathname: string) => routeOf(pathname, basePath) !== undefined })
}

type Route = 'page' | 'stream' | 'actions'

const methods: Readonly<Record<Route, readonly string[]>> = {
  page: ['GET', 'HEAD'],
  stream: ['GET', 'HEAD'],
  actions: ['POST'],
}

function routeOf(pathname: string, basePath: string): Route | undefined {
  if (pathname === basePath || pathname === `${basePath}/`) return 'page'
  if (pathname === `${basePath}/stream`) return 'stream'
  return pathname === `${basePath}/actions` ? 'actions' : undefined
}

/** Browsers say from where a request was sent; other programs need not. */
function isSameOrigin({ headers }: Request): boolean {
  const site = headers.get('sec-fetch-site')
  return site === null || site === 'same-origin'
}

function pageHeaders(nonce: string): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      `style-src 'nonce-${nonce}'`,
      'img-src data:',
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  }
}
