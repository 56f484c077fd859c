import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Dashboard } from './dashboard.ts'

const MOST_BODY_BYTES = 65_536

/**
 * Serves a dashboard from `node:http`, and from what is built on it (Express, Connect; Fastify and Koa hand over their raw
 * request and response). A path that is not the dashboard's goes to `next`, or is answered with 404 where there is none.
 *
 * @example
 * app.use(dashboardListener(createDashboard(cluster)))
 */
export function dashboardListener(
  dashboard: Dashboard,
): (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => Promise<void> {
  return async (request, response, next) => {
    const closed = new AbortController()
    response.once('close', () => closed.abort())
    try {
      const url = urlOf(request)
      // Before anything is read: the body belongs to whoever answers.
      if (next !== undefined && !dashboard.handles(url.pathname)) return next()
      const answer = await dashboard(await requestOf(request, url), { address: request.socket.remoteAddress })
      await send(answer, response, closed.signal)
    } catch (error) {
      if (next !== undefined && !response.headersSent) next(error)
      else if (response.headersSent) response.destroy()
      else response.writeHead(500).end()
    }
  }
}

function urlOf(request: IncomingMessage & { readonly originalUrl?: string }): URL {
  const { headers, url = '/', originalUrl = url } = request
  const isEncrypted = (request.socket as { encrypted?: boolean }).encrypted === true
  return new URL(originalUrl, `http${isEncrypted ? 's' : ''}://${headers.host ?? 'unknown.invalid'}`)
}

async function requestOf(request: IncomingMessage, url: URL): Promise<Request> {
  const { method = 'GET', headers } = request
  const body = method === 'POST' ? await bodyOf(request) : null
  return new Request(url, { method, headers: headersOf(headers), body })
}

function headersOf(headers: IncomingMessage['headers']): Headers {
  const all = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    // HTTP/2 has pseudo-headers, which no Headers object takes.
    if (value !== undefined && !name.startsWith(':')) all.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return all
}

/** What a framework has parsed already cannot be read from the connection again. */
async function bodyOf(request: IncomingMessage & { readonly body?: unknown }): Promise<string> {
  if (request.body !== undefined) return typeof request.body === 'string' ? request.body : JSON.stringify(request.body)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes <= MOST_BODY_BYTES) chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

async function send(answer: Response, response: ServerResponse, closed: AbortSignal): Promise<void> {
  response.statusCode = answer.status
  for (const [name, value] of answer.headers) {
    if (name !== 'set-cookie') response.setHeader(name, value)
  }
  const cookies = answer.headers.getSetCookie()
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  if (answer.body === null) {
    response.end()
    return
  }
  response.flushHeaders()
  const reader = answer.body.getReader()
  const leave = (): void => void reader.cancel().catch(() => {})
  if (closed.aborted) leave()
  closed.addEventListener('abort', leave, { once: true })
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (!response.write(part.value)) await drained(response, closed)
  }
  response.end()
}

function drained(response: ServerResponse, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve)
    closed.addEventListener('abort', () => resolve(), { once: true })
  })
}
