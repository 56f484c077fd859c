import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import { confirm } from '../confirm.ts'
import { type FencesDocument, fencesDocumentOf } from '../documents/fences-document.ts'
import { EXIT } from '../exit-code.ts'
import { table } from '../output/table.ts'
import { counted, shortId } from '../output/words.ts'
import { misuse } from '../usage-error.ts'

/** `quiesce fences`: what refuses writes in the database, and the way to remove what was left behind. */
export const fences: QuiesceCommand = defineCommand({
  name: 'fences',
  summary: 'list the fences that stand in the database, or lift those that no active freeze has',
  flags: [
    { flags: '--lift', description: 'lower those that were left behind' },
    { flags: '--foreign', description: 'with --lift: also those of other clusters, which a restored dump may hold' },
    { flags: '--yes', description: 'do not ask' },
  ],
  notes: 'The nodes lift what was left behind by themselves; the fence of an active freeze ends with quiesce thaw.',
  input: z.strictObject({
    lift: z.boolean().default(false),
    foreign: z.boolean().default(false),
    yes: z.boolean().default(false),
  }),
  async act(context, { lift, foreign, yes }) {
    if (foreign && !lift) throw misuse('--foreign is for --lift.')
    const cluster = await context.cluster()
    if (foreign)
      await confirm(context.terminal, 'This lifts fences of other clusters, whose freezes may be active.', yes)
    const found = lift ? await cluster.liftFences({ foreign }) : await cluster.fences()
    context.print(fencesDocumentOf(lift ? 'quiesce.lifted/1' : 'quiesce.fences/1', found), screen)
    return EXIT.ok
  },
})

function screen({ schema, fences: shown }: FencesDocument): string {
  const lifted = schema === 'quiesce.lifted/1'
  if (shown.length === 0) return lifted ? 'Nothing was left behind.' : 'No fence stands.'
  const rows = shown.map(({ name, freezeId, own, tables }) => [
    name,
    freezeId === null ? (own ? 'none: left behind' : "another cluster's") : shortId(freezeId),
    String(tables.length),
  ])
  return `${lifted ? `Lifted ${counted(shown.length, 'fence')}:\n` : ''}${table(['FENCE', 'FREEZE', 'TABLES'], rows)}`
}
