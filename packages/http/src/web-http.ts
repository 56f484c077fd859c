import type { Answer } from './answer.ts'
import type { RequestReader } from './request-reader.ts'
import type { StateAnswer } from './state-routes.ts'

/** Reads web-standard requests. */
export const webReader: RequestReader<Request> = {
  method: ({ method }) => method,
  target: ({ url }) => url,
  header: ({ headers }, name) => headers.get(name) ?? undefined,
}

/** An answer as a web-standard response; without its body where the method has none. */
export function responseOf({ status, headers, body }: Answer, method?: string): Response {
  return new Response(method === 'HEAD' || status === 304 ? null : body, { status, headers })
}

const MOST_WAITING = 64

/** The answer of a state route as a web-standard response; a stream ends when the client goes. */
export function stateResponseOf(state: StateAnswer, method: string): Response {
  if (state.kind === 'whole') return responseOf(state.answer, method)
  const encoder = new TextEncoder()
  let detach = (): void => {}
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      detach = state.open({
        write: (text) => controller.enqueue(encoder.encode(text)),
        get isClogged() {
          return (controller.desiredSize ?? 0) < -MOST_WAITING
        },
        end: () => controller.close(),
        drop: () => controller.error(),
      })
    },
    cancel: () => detach(),
  })
  return new Response(body, { status: 200, headers: state.headers })
}
