import { createServer } from 'node:http'
import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import type { UiDocument } from '../documents/ui-document.ts'
import { EXIT } from '../exit-code.ts'
import { ownerOf } from '../settings/freeze-flags.ts'
import { listenOnLoopback } from '../ui/listen-on-loopback.ts'
import { createOneTimeDoor } from '../ui/one-time-door.ts'

/** `quiesce ui`: the dashboard in a browser of this machine. */
export const ui: QuiesceCommand = defineCommand({
  name: 'ui',
  summary: 'serve the dashboard to a browser on this machine',
  flags: [
    { flags: '--port <number>', description: 'where to listen (default: a free port)', env: 'QUIESCE_UI_PORT' },
    { flags: '--actions', description: 'let the page freeze, thaw, extend, cancel runs and release locks' },
    { flags: '--owner <name>', description: 'who acts (default: user@host)', env: 'QUIESCE_OWNER' },
  ],
  notes:
    'Listens on 127.0.0.1 only. The printed address works once, for one browser; Ctrl-C ends it.\nRefused writes are counted by the process that refuses them: mount @quiesce/dashboard in the application to see them.',
  input: z.strictObject({
    port: z.coerce.number().int().min(0).max(65_535).default(0),
    actions: z.boolean().default(false),
    owner: z.string().trim().min(1).max(200).optional(),
  }),
  async act(context, { port, actions, owner }) {
    // Only who looks pays for what shows.
    const { createDashboard } = await import('@quiesce/dashboard')
    const { dashboardListener } = await import('@quiesce/dashboard/node')
    const cluster = await context.cluster()
    const ended = new AbortController()
    const forget = context.terminal.signals(() => ended.abort())
    const door = createOneTimeDoor({ name: ownerOf(owner) })
    const dashboard = createDashboard(cluster, { basePath: '', auth: door.auth, actions, signal: ended.signal })
    const behindDoor: typeof dashboard = Object.assign(
      async (...[request, client]: Parameters<typeof dashboard>) => door.enter(request) ?? dashboard(request, client),
      { handles: dashboard.handles },
    )
    const server = createServer(dashboardListener(behindDoor))
    try {
      const url = await listenOnLoopback(server, port)
      const document: UiDocument = { schema: 'quiesce.ui/1', url: door.addressAt(url), actions }
      context.print(document, (shown) => `Open ${shown.url}\nIt works once, for one browser. Ctrl-C ends it.`)
      if (!ended.signal.aborted) {
        await new Promise((resolve) => ended.signal.addEventListener('abort', resolve, { once: true }))
      }
      return EXIT.ok
    } finally {
      forget()
      server.closeAllConnections()
      server.close()
    }
  },
})
