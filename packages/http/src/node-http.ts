import { type Answer, bodyHeaders } from './answer.ts'
import type { RequestReader } from './request-reader.ts'
import type { StateAnswer } from './state-routes.ts'

/** What we read from a request of `node:http`, `node:http2`, Express and what is built on them. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What we write to a response of `node:http`, `node:http2`, Express and what is built on them. */
export interface NodeResponse {
  statusCode: number
  readonly headersSent: boolean
  setHeader(name: string, value: string): unknown
  removeHeader(name: string): unknown
  end(body: string): unknown
}

/** What we need besides to send a response that goes on. */
export interface NodeStreamResponse extends NodeResponse {
  write(text: string): boolean
  on(event: 'close' | 'drain', listener: () => void): unknown
  destroy(): unknown
}

/** Reads requests of `node:http`; under a mounted router the path is the whole one. */
export const nodeReader: RequestReader<NodeRequest> = {
  method: ({ method }) => method ?? '',
  target: (request) => {
    const { url = '', baseUrl } = request as NodeRequest & { readonly baseUrl?: unknown }
    return typeof baseUrl === 'string' ? baseUrl + url : url
  },
  header: ({ headers }, name) => headers[name]?.toString(),
}

/** The same; under a mounted router the path is the rest below it. */
export const mountedReader: RequestReader<NodeRequest> = { ...nodeReader, target: ({ url }) => url ?? '' }

/** Writes an answer; the server leaves the body out where the method has none. */
export function sendAnswer(response: NodeResponse, { status, headers, body }: Answer): void {
  for (const name of bodyHeaders) response.removeHeader(name)
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.end(body)
}

/** Writes the answer of a state route; a stream ends when the client goes. */
export function sendState(response: NodeStreamResponse, state: StateAnswer): void {
  if (state.kind === 'whole') {
    sendAnswer(response, state.answer)
    return
  }
  response.statusCode = 200
  for (const [name, value] of Object.entries(state.headers)) response.setHeader(name, value)
  let isClogged = false
  response.on('drain', () => {
    isClogged = false
  })
  const detach = state.open({
    write(text) {
      isClogged = !response.write(text)
    },
    get isClogged() {
      return isClogged
    },
    end: () => response.end(''),
    drop: () => response.destroy(),
  })
  response.on('close', detach)
}
