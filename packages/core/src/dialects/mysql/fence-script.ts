import type { FenceBackend, FenceSpec, FenceTable, TableRef } from '../../domain/fence.ts'
import type { FenceMark } from '../../domain/fence-mark.ts'
import { showEveryColumn } from './fence-catalog.ts'
import { dropFunction, inertFunction, passFunction, replaceFunction } from './fence-function.ts'
import { type FenceSession, type FenceSessions, unlessGone, writingDown } from './fence-session.ts'
import type { ServerLanguage } from './server.ts'

/** What the scripts of the on-freeze fence need. */
export interface ScriptParts {
  readonly sessions: FenceSessions
  readonly functionName: (mark: FenceMark) => Promise<string>
  readonly language: () => Promise<ServerLanguage>
  /** Says what the triggers are called that stand then. */
  readonly raiseTable: (
    one: FenceSession,
    functionName: string,
    fence: FenceSpec,
    table: FenceTable,
  ) => Promise<readonly string[]>
  readonly lowerTable: (one: FenceSession, mark: FenceMark, table: TableRef) => Promise<void>
  readonly dropTrigger: (table: TableRef, name: string) => string
}

const LOOK_WAIT_MS = 2000

/** What the fence of triggers would send: its own work, done in a session whose DDL is written down. */
export function createFenceScripts({
  sessions,
  functionName,
  language,
  raiseTable,
  lowerTable,
  dropTrigger,
}: ScriptParts): Required<Pick<FenceBackend, 'script' | 'lowerScript'>> {
  const written = (work: (one: FenceSession) => Promise<void>): Promise<readonly string[]> =>
    sessions.run(LOOK_WAIT_MS, async (one) => {
      const statements: string[] = []
      await work(writingDown(one, statements))
      return statements
    })
  const lower = (mark: FenceMark, lowerTables: (one: FenceSession) => Promise<void>): Promise<readonly string[]> =>
    written(async (one) => {
      const name = await functionName(mark)
      await replaceFunction(one, await language(), name, inertFunction)
      await lowerTables(one)
      await one.alter(dropFunction(name))
    })
  return {
    async script(fence, tables) {
      const name = await functionName(fence)
      const drops: string[] = []
      const raise = await written(async (one) => {
        await replaceFunction(one, await language(), name, passFunction(fence))
        await showEveryColumn(one)
        for (const table of tables) {
          await unlessGone(async () => {
            const triggers = await raiseTable(one, name, fence, table)
            drops.push(...triggers.map((trigger) => dropTrigger(table, trigger)))
          })
        }
      })
      return { raise, lower: await lower(fence, async (one) => each(drops, (sql) => one.alter(sql))) }
    },
    lowerScript: (mark, tables) => lower(mark, (one) => each(tables, (table) => lowerTable(one, mark, table))),
  }
}

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (const item of items) await work(item)
}
