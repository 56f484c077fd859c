import type { ReadOnlyError } from '@quiesce/core'
import { bodyHeaders } from './answer.ts'
import type { HttpOptions } from './http-options.ts'
import { createInterception } from './interception.ts'
import type { RequestReader } from './request-reader.ts'
import { responseOf } from './web-http.ts'

/** What we use of Hono's context. */
export interface HonoContext {
  readonly req: { readonly method: string; readonly url: string; header(name: string): string | undefined }
  /** What a handler threw, after `next()`. */
  readonly error: Error | undefined
  get res(): Response
  set res(response: Response | undefined)
}

/**
 * Refuses write requests while the cluster is read-only, and answers a `ReadOnlyError` from any handler below with the
 * same, whatever `app.onError` does.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * app.use(readOnlyHttp(cluster, { allow: ['/login'] }))
 */
export function readOnlyHttp<C extends HonoContext>(
  cluster: object,
  options: HttpOptions<C> = {},
): (context: C, next: () => Promise<void>) => Promise<Response | undefined> {
  const interception = createInterception('readOnlyHttp()', cluster, options, honoReader)
  const answer = (error: ReadOnlyError, { req }: C): Response =>
    responseOf(interception.answer(error, req.header('accept')), req.method)
  return async (context, next) => {
    const refusal = interception.refusal(context)
    if (refusal !== undefined) return answer(refusal, context)
    await next()
    const refused = context.error === undefined ? undefined : interception.refusalIn(context.error)
    if (refused !== undefined) replaceResponse(context, answer(refused, context))
    return undefined
  }
}

/** Keeps the headers that middleware has set, but none of the body that is replaced. */
function replaceResponse(context: HonoContext, response: Response): void {
  const headers = new Headers(context.res.headers)
  for (const name of bodyHeaders) headers.delete(name)
  for (const [name, value] of response.headers) headers.set(name, value)
  // Hono would put the old headers into a response that replaces another.
  context.res = undefined
  context.res = new Response(response.body, { status: response.status, headers })
}

const honoReader: RequestReader<HonoContext> = {
  method: ({ req }) => req.method,
  target: ({ req }) => req.url,
  header: ({ req }, name) => req.header(name),
}
