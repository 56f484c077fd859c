import type { FreezeStatus } from '@quiesce/core'
import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import { confirm } from '../confirm.ts'
import { freezeEntryOf } from '../documents/status-document.ts'
import type { ThawedDocument } from '../documents/thawed-document.ts'
import { EXIT } from '../exit-code.ts'
import { sqlScript } from '../output/sql-script.ts'
import { duration, fromNow, plain, shortId } from '../output/words.ts'
import { ownerOf } from '../settings/freeze-flags.ts'
import { misuse } from '../usage-error.ts'

/** `quiesce thaw`: gives the writes back. */
export const thaw: QuiesceCommand = defineCommand({
  name: 'thaw',
  summary: 'end a freeze; the only one, or one by the beginning of its id',
  arguments: [['[freeze]', 'the id of the freeze, or its beginning']],
  flags: [
    { flags: '--owner <name>', description: 'who thaws (default: user@host)', env: 'QUIESCE_OWNER' },
    { flags: '--force', description: 'also a freeze of somebody else; needs --reason' },
    { flags: '--reason <text>', description: 'why it is taken away; recorded', env: 'QUIESCE_REASON' },
    { flags: '--dry-run', description: 'say what would be ended, and what would be sent to take its fence off' },
    { flags: '--yes', description: 'do not ask' },
  ],
  input: z.strictObject({
    freeze: z.string().trim().min(1).optional(),
    owner: z.string().trim().min(1).optional(),
    force: z.boolean().default(false),
    reason: z.string().trim().min(1).optional(),
    dryRun: z.boolean().default(false),
    yes: z.boolean().default(false),
  }),
  async act(context, input) {
    const { force, reason, dryRun } = input
    const owner = ownerOf(input.owner)
    const cluster = await context.cluster()
    const freeze = choose((await cluster.status()).freezes, input.freeze)
    const document: ThawedDocument = {
      schema: 'quiesce.thawed/1',
      changed: false,
      dryRun,
      freeze: null,
      statements: [],
    }
    if (freeze === undefined) {
      context.print(document, () => 'No freeze is active; nothing was changed.')
      return EXIT.ok
    }
    const found = { ...document, freeze: freezeEntryOf(freeze) }
    if (dryRun) {
      const planned = await cluster.plannedStatements({ operation: 'thaw', id: freeze.id })
      const statements = planned.map(({ sql }) => sql)
      const script = statements.length === 0 ? '' : `\n\n${sqlScript(statements)}`
      context.print({ ...found, statements }, () => `Would be ended: ${inWords(freeze)}.${script}`)
      return EXIT.ok
    }
    const own = freeze.kind === 'operator' && freeze.owner === owner
    if (!own && force) {
      if (reason === undefined) throw misuse('Ending a freeze of somebody else needs --reason, which is recorded.')
      await confirm(context.terminal, `This breaks the work of ${inWords(freeze)}.`, input.yes)
    }
    const { changed } = await cluster.thaw(freeze.id, own ? { owner } : { owner, force, reason: reason ?? '' })
    context.print({ ...found, changed }, () =>
      changed ? `Ended: ${inWords(freeze)}.` : 'It had ended in the meantime; nothing was changed.',
    )
    return EXIT.ok
  },
})

function choose(freezes: readonly FreezeStatus[], wanted: string | undefined): FreezeStatus | undefined {
  const found = wanted === undefined ? freezes : freezes.filter(({ id }) => id.startsWith(wanted.toLowerCase()))
  if (found.length > 1) {
    throw misuse(`${found.length} freezes are meant. Name one by its id: ${found.map(inWords).join('; ')}`)
  }
  if (wanted !== undefined && found.length === 0 && freezes.length > 0) {
    throw misuse(
      `No active freeze has an id that begins with ${plain(wanted)}. Active are: ${freezes.map(inWords).join('; ')}`,
    )
  }
  return found[0]
}

function inWords({ id, kind, owner, reason, since, leaseRemainingMs }: FreezeStatus): string {
  const alive = leaseRemainingMs === undefined ? '' : `, lease ${duration(leaseRemainingMs)}`
  return `${plain(owner)} (${kind} freeze ${shortId(id)}, begun ${fromNow(since, Date.now())}${alive}: ${plain(reason)})`
}
