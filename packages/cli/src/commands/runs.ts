import type { RunInfo } from '@quiesce/core'
import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import { confirm } from '../confirm.ts'
import { type RunEntry, runsDocumentOf } from '../documents/runs-document.ts'
import { EXIT } from '../exit-code.ts'
import { table } from '../output/table.ts'
import { fromNow, plain, shortId } from '../output/words.ts'
import { misuse } from '../usage-error.ts'

/** `quiesce runs`: the maintenance runs of every node, and the way to stop one. */
export const runs: QuiesceCommand = defineCommand({
  name: 'runs',
  summary: 'list the maintenance runs of every node, or cancel one',
  flags: [
    { flags: '--limit <count>', description: 'how many (default: 20)' },
    {
      flags: '--cancel <run>',
      description: 'tell the run with this id, or its beginning, to stop and undo; needs --reason',
    },
    { flags: '--reason <text>', description: 'why it is cancelled; recorded', env: 'QUIESCE_REASON' },
    { flags: '--yes', description: 'do not ask' },
  ],
  input: z.strictObject({
    limit: z.coerce.number().int().min(1).max(1000).default(20),
    cancel: z.string().trim().min(1).optional(),
    reason: z.string().trim().min(1).optional(),
    yes: z.boolean().default(false),
  }),
  async act(context, { limit, cancel, reason, yes }) {
    const cluster = await context.cluster()
    const found = await cluster.runs(limit)
    if (cancel === undefined) {
      context.print(runsDocumentOf('quiesce.runs/1', found), ({ runs: shown }) =>
        shown.length === 0 ? 'Nothing was ever run.' : runTable(shown),
      )
      return EXIT.ok
    }
    const run = choose(found, cancel)
    if (reason === undefined) throw misuse('Cancelling a run needs --reason, which is recorded.')
    await confirm(context.terminal, `This stops the work of ${inWords(run)}.`, yes)
    const told = await cluster.cancelRun(run.id, reason)
    context.print(runsDocumentOf('quiesce.cancelled/1', told ? [run] : []), () =>
      told ? `Told to stop: ${inWords(run)}.` : 'It had ended in the meantime; nothing was changed.',
    )
    return EXIT.ok
  },
})

function choose(runs: readonly RunInfo[], wanted: string): RunInfo {
  const active = runs.filter(({ endedAt }) => endedAt === undefined)
  const found = active.filter(({ id }) => id.startsWith(wanted.toLowerCase()))
  if (found.length === 1 && found[0] !== undefined) return found[0]
  const list = active.map(({ id }) => id).join(', ') || 'none'
  throw misuse(`${found.length} runs that go on have an id that begins with ${plain(wanted)}. Active are: ${list}`)
}

function inWords({ id, name, owner, phase, reason }: RunInfo): string {
  return `${plain(owner)} (run ${shortId(id)} "${plain(name)}", ${phase}: ${plain(reason)})`
}

function runTable(runs: readonly RunEntry[]): string {
  const now = Date.now()
  const rows = runs.map((run) => [
    shortId(run.id),
    run.outcome ?? (run.isLost ? `${run.phase} (holder lost)` : run.phase),
    `${run.progress} %`,
    fromNow(new Date(run.startedAt), now),
    plain(run.owner),
    plain(run.name),
    plain(run.reason),
    plain(run.error ?? ''),
  ])
  return table(['RUN', 'STATE', 'DONE', 'BEGUN', 'OWNER', 'NAME', 'REASON', 'ERROR'], rows)
}
