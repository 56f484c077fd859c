import type { Cluster } from '@quiesce/core'
import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import { type InitDocument, initScreen } from '../documents/init-document.ts'
import { EXIT } from '../exit-code.ts'
import { sqlScript } from '../output/sql-script.ts'

/** `quiesce init`: the coordination tables. */
export const init: QuiesceCommand = defineCommand({
  name: 'init',
  summary: 'create or update the coordination tables; once, with a role that may create them',
  flags: [
    { flags: '--dry-run', description: 'say what is there and what would be sent' },
    { flags: '--sql', description: 'print what makes the tables where there are none, for a migration file' },
  ],
  notes: 'Idempotent, and safe to run from many places at once. --dry-run and --sql change nothing.',
  input: z.strictObject({ dryRun: z.boolean().default(false), sql: z.boolean().default(false) }),
  async act(context, { dryRun, sql }) {
    const cluster = await context.cluster()
    const document = await (dryRun || sql ? planned(cluster, sql) : migrated(cluster))
    context.print(document, sql ? ({ statements }) => sqlScript(statements) : initScreen)
    return EXIT.ok
  },
})

async function planned(cluster: Cluster, whole: boolean): Promise<InitDocument> {
  const { schema } = await cluster.diagnose()
  const statements = await cluster.plannedStatements({ operation: 'migrate', whole })
  const found = schema.found ?? null
  return { ...about(found, found, schema.known), dryRun: true, statements: statements.map((one) => one.sql) }
}

async function migrated(cluster: Cluster): Promise<InitDocument> {
  const { schema: before } = await cluster.diagnose()
  await cluster.migrate()
  const { schema: after } = await cluster.diagnose()
  return about(before.found ?? null, after.found ?? null, after.known)
}

function about(before: number | null, after: number | null, needed: number): InitDocument {
  return { schema: 'quiesce.init/1', dryRun: false, before, after, needed, statements: [] }
}
