import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import { type StatusDocument, statusDocumentOf } from '../documents/status-document.ts'
import { EXIT } from '../exit-code.ts'
import { statusScreen } from '../output/status-screen.ts'
import { watchStatus } from '../output/watch-status.ts'
import { durationFlag } from '../settings/duration.ts'

/** `quiesce status`: the mode, who froze the cluster and why, and how far each node is. */
export const status: QuiesceCommand = defineCommand({
  name: 'status',
  summary: 'show the mode, the active freezes and the nodes',
  flags: [
    { flags: '--watch', description: 'redraw on a terminal, one JSON document a change otherwise' },
    { flags: '--interval <duration>', description: 'how often --watch looks (default: 1s)' },
    { flags: '--exit-code', description: 'answer by the exit code: 0 read-write, 3 draining or read-only, 4 unknown' },
  ],
  notes: 'Asks the database; joins nothing and writes nothing.',
  input: z.strictObject({
    watch: z.boolean().default(false),
    interval: durationFlag.prefault('1s'),
    exitCode: z.boolean().default(false),
  }),
  async act(context, { watch, interval, exitCode }) {
    const look = await looker(context)
    if (watch) return watchStatus(context, look, interval)
    const document = await look()
    context.print(document, (shown) => statusScreen(shown, context.colors))
    return exitCode ? codeOf(document) : EXIT.ok
  },
})

async function looker(context: CommandContext): Promise<() => Promise<StatusDocument>> {
  const cluster = await context.cluster()
  return async () => statusDocumentOf(await cluster.status(), new Date())
}

function codeOf({ mode }: StatusDocument): number {
  if (mode === 'unknown') return EXIT.unknown
  return mode === 'read-write' ? EXIT.ok : EXIT.frozen
}
