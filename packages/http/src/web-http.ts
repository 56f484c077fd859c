import type { Answer } from './answer.ts'
import type { RequestReader } from './request-reader.ts'

/** Reads web-standard requests. */
export const webReader: RequestReader<Request> = {
  method: ({ method }) => method,
  target: ({ url }) => url,
  header: ({ headers }, name) => headers.get(name) ?? undefined,
}

/** An answer as a web-standard response; without its body where the method has none. */
export function responseOf({ status, headers, body }: Answer, method?: string): Response {
  return new Response(method === 'HEAD' ? null : body, { status, headers })
}
