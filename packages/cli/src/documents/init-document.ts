import { z } from 'zod'
import { sqlScript } from '../output/sql-script.ts'

/** What `quiesce init --json` prints: versions of the coordination tables, `null` where there are none. */
export const initDocument = z.strictObject({
  schema: z.literal('quiesce.init/1'),
  dryRun: z.boolean(),
  before: z.int().nullable(),
  after: z.int().nullable(),
  /** The version that this command reads and writes. */
  needed: z.int(),
  /** With `dryRun` what would be sent, with `--sql` what makes the tables where there are none; empty otherwise. */
  statements: z.array(z.string()),
})

/** What `quiesce init --json` prints. */
export type InitDocument = z.output<typeof initDocument>

/** What was done, for people. */
export function initScreen({ dryRun, before, after, needed, statements }: InitDocument): string {
  const version = (of: number | null): string => (of === null ? 'missing' : `version ${of}`)
  if (dryRun) {
    const todo = before === needed ? 'nothing to do' : `they would become version ${needed}`
    const said = `The coordination tables are ${version(before)}; ${todo}.`
    return statements.length === 0 ? said : `${said}\n\n${sqlScript(statements)}`
  }
  return before === after
    ? `The coordination tables are ${version(after)}, as needed; nothing was changed.`
    : `The coordination tables were ${version(before)}, and are ${version(after)} now.`
}
