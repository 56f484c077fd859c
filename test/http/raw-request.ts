import { request } from 'node:http'

/** A response as it came over the wire. */
export interface RawResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** Sends one HTTP/1.1 request; the path goes out as it is, unlike through `fetch`. */
export function rawRequest(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** What must be the same from every framework: not the date, the connection, and how the body's length is told. */
export function comparable({ status, headers, body }: RawResponse): unknown {
  const own = ['content-type', 'cache-control', 'quiesce-mode', 'retry-after']
  return { status, headers: own.map((name) => [name, headers[name]]), body }
}
