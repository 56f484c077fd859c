import { type Cluster, type DumpFilterOptions, filterDump, type PlannedOperation } from '@quiesce/core'
import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import { confirm } from '../confirm.ts'
import { type FenceDocument, fenceDocumentOf } from '../documents/fence-document.ts'
import { EXIT } from '../exit-code.ts'
import { sqlScript } from '../output/sql-script.ts'
import { counted } from '../output/words.ts'

/** `quiesce fence`: the standing fence, which a migration installs once so that freezes need no DDL. */
export const fence: QuiesceCommand = defineCommand({
  name: 'fence',
  summary: 'install the standing fence, remove it, say what is installed, or filter a dump',
  arguments: [['<action>', 'install, remove, status or dump-filter']],
  flags: [
    { flags: '--exclude <table...>', description: 'with install: not these tables, as table or schema.table' },
    { flags: '--dry-run', description: 'with install or remove: print what would be sent' },
    { flags: '--yes', description: 'with remove: do not ask' },
    { flags: '--format <name>', description: 'with dump-filter: postgresql or mysql (default: the dump tells)' },
    { flags: '--standing', description: 'with dump-filter: leave the standing fence out too' },
  ],
  notes: `Run install as the owner of the tables after each migration that adds tables or columns, or changes exemptions;
it does only what is missing. dump-filter reads plain text of pg_dump, mysqldump or mariadb-dump from stdin and writes
it to stdout without the triggers and functions of a fence that stood meanwhile; it needs no database.`,
  input: z.strictObject({
    action: z.enum(['install', 'remove', 'status', 'dump-filter'], {
      error: 'must be install, remove, status or dump-filter',
    }),
    exclude: z.array(z.string().min(1)).optional(),
    dryRun: z.boolean().default(false),
    yes: z.boolean().default(false),
    format: z.enum(['postgresql', 'mysql'], { error: 'must be postgresql or mysql' }).optional(),
    standing: z.boolean().default(false),
  }),
  async act(context, { action, exclude, dryRun, yes, format, standing }) {
    if (action === 'dump-filter') {
      await filterStdin(context, { format, standing })
      return EXIT.ok
    }
    const cluster = await context.cluster()
    const tables = exclude === undefined ? {} : { tables: { exclude } }
    if (dryRun && action !== 'status') {
      await printPlanned(context, cluster, { operation: `${action}-fence`, ...tables })
      return EXIT.ok
    }
    if (action === 'remove')
      await confirm(context.terminal, 'This removes the standing fence; later freezes do without it.', yes)
    const act = {
      install: () => cluster.installFence(tables),
      remove: () => cluster.removeFence(),
      status: async () => ({ changed: 0 }),
    }[action]
    const { changed } = await act()
    context.print(fenceDocumentOf(await cluster.fenceInstallation(), changed, []), screen)
    return EXIT.ok
  },
})

/** Says what it did on stderr: stdout is the dump's. */
async function filterStdin({ terminal, say }: CommandContext, options: DumpFilterOptions): Promise<void> {
  const onDone = (removed: number): void => say(`quiesce: ${counted(removed, 'statement')} of fences left out`)
  // Without an encoding a stream gives bytes.
  const dump = terminal.stdin as AsyncIterable<Uint8Array>
  await terminal.pipe(filterDump(dump, { ...options, onDone }))
}

async function printPlanned(context: CommandContext, cluster: Cluster, planned: PlannedOperation): Promise<void> {
  const statements = (await cluster.plannedStatements(planned)).map(({ sql }) => sql)
  const document = fenceDocumentOf(await cluster.fenceInstallation(), 0, statements)
  context.print(document, (shown) =>
    statements.length === 0 ? `${screen(shown)} There is nothing to do.` : sqlScript(statements),
  )
}

function screen({ state, tables, changed }: FenceDocument): string {
  const what = {
    absent: 'No standing fence is installed',
    incomplete: 'The standing fence is not complete, and freezes do not use it',
    complete: `The standing fence is installed on ${counted(tables.length, 'table')}`,
  }[state]
  return `${what}${changed > 0 ? `; ${counted(changed, 'table')} changed` : ''}.`
}
