import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import { type HistoryDocument, historyDocumentOf } from '../documents/history-document.ts'
import { EXIT } from '../exit-code.ts'
import { table } from '../output/table.ts'
import { plain, shortId } from '../output/words.ts'

/** `quiesce history`: the audit trail. */
export const history: QuiesceCommand = defineCommand({
  name: 'history',
  summary: 'show the audit trail, the newest first',
  flags: [{ flags: '--limit <count>', description: 'how many lines (default: 50)' }],
  input: z.strictObject({ limit: z.coerce.number().int().min(1).max(10_000).default(50) }),
  async act(context, { limit }) {
    const events = await (await context.cluster()).history(limit)
    context.print(historyDocumentOf(events), ({ events: shown }) =>
      shown.length === 0 ? 'Nothing has happened yet.' : historyTable(shown),
    )
    return EXIT.ok
  },
})

function historyTable(events: HistoryDocument['events']): string {
  const rows = events.map(({ at, type, epoch, node, freezeId, detail }) => [
    at,
    type,
    epoch ?? '-',
    node === null ? '-' : shortId(node),
    freezeId === null ? '-' : shortId(freezeId),
    Object.entries(detail)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([key, value]) => `${key}=${plain(typeof value === 'string' ? value : JSON.stringify(value))}`)
      .join(' '),
  ])
  return table(['AT', 'EVENT', 'EPOCH', 'NODE', 'FREEZE', 'DETAIL'], rows)
}
