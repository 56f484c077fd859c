import { isIP } from 'node:net'
import type { ClientAddress } from './dashboard.ts'
import type { ResolvedDashboardOptions, Viewer } from './dashboard-options.ts'

/** What became of asking who looks. */
export type Access =
  | { readonly viewer: Viewer; readonly refused?: undefined }
  | { readonly viewer?: undefined; readonly refused: Response }

const local: Viewer = { name: 'this machine', canAct: false }

/** Decides who looks; without `auth` it serves only what demonstrably comes from this machine. */
export async function accessOf(
  request: Request,
  client: ClientAddress | undefined,
  { auth }: Pick<ResolvedDashboardOptions, 'auth'>,
): Promise<Access> {
  if (auth !== undefined) {
    const answer = await auth(request)
    if (answer instanceof Response) return { refused: answer }
    return answer === undefined ? { refused: plain(401, 'Sign in to see the dashboard.') } : { viewer: answer }
  }
  const why = whyNotLocal(request, client)
  return why === undefined ? { viewer: local } : { refused: plain(403, `${why} ${HELP}`) }
}

const HELP = 'Without `auth` the dashboard is served to this machine only. Give createDashboard() an `auth` function.'

/** The address proves the machine; the host name, that no other site's name was made to point here. */
function whyNotLocal(request: Request, client: ClientAddress | undefined): string | undefined {
  if (client?.address === undefined) return 'It is not known where this request comes from.'
  if (!isLoopback(client.address)) return `The request comes from ${client.address}.`
  if (request.headers.has('forwarded') || request.headers.has('x-forwarded-for'))
    return 'A proxy passed the request on.'
  const { hostname } = new URL(request.url)
  const isOwnName = hostname === 'localhost' || hostname.endsWith('.localhost') || isLoopback(hostname)
  return isOwnName ? undefined : `The request was sent to ${hostname}.`
}

function isLoopback(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '').replace(/^::ffff:/i, '')
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
}

/** A short answer in words. */
export function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers },
  })
}
