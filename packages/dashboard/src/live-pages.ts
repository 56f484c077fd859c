import { plain } from './access.ts'
import type { ResolvedDashboardOptions } from './dashboard-options.ts'
import { sectionsOf } from './view/sections.ts'
import type { View, Watch } from './watch.ts'

/** The pages that are kept up to date by server-sent events. */
export interface LivePages {
  open(request: Request, canAct: boolean): Response
}

const QUIET_MS = 15_000
const RECONNECT_MS = 2000
const MOST_WAITING = 16

const headers = {
  'content-type': 'text/event-stream',
  // Compression and proxies would hold events back.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
}

/** Keeps pages live: each is sent the sections that changed since what it was sent last. */
export function createLivePages(
  watch: Watch,
  { maxStreams, signal }: Pick<ResolvedDashboardOptions, 'maxStreams' | 'signal'>,
  isOver: () => boolean,
): LivePages {
  let open = 0
  return {
    open(request, canAct) {
      if (open >= maxStreams) return plain(503, 'Too many pages are open.', { 'retry-after': '5' })
      if (request.method === 'HEAD') return new Response(null, { headers })
      let leave = (): void => {}
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          open++
          leave = follow(
            watch,
            controller,
            canAct,
            () => isOver() || signal?.aborted === true,
            () => open--,
          )
        },
        cancel: () => leave(),
      })
      return new Response(body, { headers })
    },
  }
}

function follow(
  watch: Watch,
  controller: ReadableStreamDefaultController<Uint8Array>,
  canAct: boolean,
  isOver: () => boolean,
  onLeave: () => void,
): () => void {
  const encoder = new TextEncoder()
  const send = (text: string): void => controller.enqueue(encoder.encode(text))
  const sent = new Map<string, string>()
  let sentAt = Date.now()
  const show = (view: View): void => {
    // A page that does not keep up comes back for the newest.
    if (isOver() || (controller.desiredSize ?? 0) < -MOST_WAITING) {
      leave()
      controller.close()
      return
    }
    const changed: Record<string, string> = {}
    for (const [id, text] of sectionsOf(view, canAct)) {
      if (sent.get(id) !== text) changed[id] = text
      sent.set(id, text)
    }
    const isQuiet = Object.keys(changed).length === 0
    if (isQuiet && Date.now() - sentAt < QUIET_MS) return
    sentAt = Date.now()
    send(isQuiet ? ': alive\n\n' : `event: view\ndata: ${JSON.stringify({ now: view.now, sections: changed })}\n\n`)
  }
  let isGone = false
  const stop = watch.follow(show)
  const leave = (): void => {
    if (isGone) return
    isGone = true
    stop()
    onLeave()
  }
  send(`retry: ${RECONNECT_MS}\n\n`)
  return leave
}
