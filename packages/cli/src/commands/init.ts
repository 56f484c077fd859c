import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import { type InitDocument, initScreen } from '../documents/init-document.ts'
import { EXIT } from '../exit-code.ts'

/** `quiesce init`: the coordination tables. */
export const init: QuiesceCommand = defineCommand({
  name: 'init',
  summary: 'create or update the coordination tables; once, with a role that may create them',
  flags: [{ flags: '--dry-run', description: 'say what is there and what would be done' }],
  notes: 'Idempotent, and safe to run from many places at once.',
  input: z.strictObject({ dryRun: z.boolean().default(false) }),
  async act(context, { dryRun }) {
    const cluster = await context.cluster()
    const { schema: before } = await cluster.diagnose()
    if (!dryRun) await cluster.migrate()
    const { schema: after } = dryRun ? { schema: before } : await cluster.diagnose()
    const document: InitDocument = {
      schema: 'quiesce.init/1',
      dryRun,
      before: before.found ?? null,
      after: after.found ?? null,
      needed: after.known,
    }
    context.print(document, initScreen)
    return EXIT.ok
  },
})
