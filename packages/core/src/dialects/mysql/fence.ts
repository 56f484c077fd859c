import { setTimeout as pause } from 'node:timers/promises'
import { QuiesceError } from '../../domain/errors.ts'
import type { SqlExecutor } from '../../domain/executor.ts'
import type { FenceBackend, FenceSpec, FenceStep, FenceTable, TableRef } from '../../domain/fence.ts'
import { type FenceMark, markName, markOf } from '../../domain/fence-mark.ts'
import type { StoreOptions } from '../dialect.ts'
import { scopeOf } from '../fence-names.ts'
import { tokenStatements } from './client-token.ts'
import { columnsOf, showEveryColumn, triggersOn } from './fence-catalog.ts'
import { createClaims } from './fence-claim.ts'
import { createDdlHolds } from './fence-ddl-hold.ts'
import { dropFunction, inertFunction, passFunction, replaceFunction } from './fence-function.ts'
import { createFenceScripts } from './fence-script.ts'
import { createFenceSessions, type FenceSession, type FenceSessions, unlessGone } from './fence-session.ts'
import { ourTriggers, standingFences } from './fence-standing.ts'
import { functionSchemaOf, surveyFence } from './fence-survey.ts'
import { createTrigger, fenceTriggers, qualified, refuseUnless, shortMessage } from './fence-triggers.ts'
import { triggerVerdicts } from './fence-verdicts.ts'
import { tableNames } from './names.ts'
import { openTransactions, usersOf } from './open-transactions.ts'
import { serverOf } from './server.ts'
import type { StoreContext } from './store-context.ts'

/** How long writers may queue behind one attempt to change the function that judges them. */
const FUNCTION_WAIT_MS = 100
/** How many of these attempts a change is worth. */
const FUNCTION_ATTEMPTS = 20
const PAUSE_MS = 20
/** For how long a look at the catalog may wait for DDL of others. */
const SURVEY_WAIT_MS = 2000

/**
 * The fence of row triggers that exist only while the cluster is frozen, and of one function that tells them who passes.
 *
 * DDL is not transactional here: an attempt that was `busy` may leave some of a table's triggers, which the next one, or
 * `lower`, finds by their names.
 */
export function createMysqlFence(executor: SqlExecutor, options: StoreOptions): FenceBackend {
  const context: StoreContext = {
    executor,
    namespace: options.namespace,
    tables: tableNames(options.location),
    server: serverOf(executor),
  }
  const sessions = createFenceSessions(executor)
  const functionSchema = async (): Promise<string> => functionSchemaOf(context, (await context.server()).database)
  const functionName = async (mark: FenceMark): Promise<string> => qualified(await functionSchema(), markName(mark))
  const claims = createClaims(context, sessions)
  const replace = async (mark: FenceMark, body: string, attempt: Attempt): Promise<FenceStep> => {
    const name = await functionName(mark)
    const { language } = await context.server()
    const change = (): Promise<FenceStep> =>
      attempt(FUNCTION_WAIT_MS, (one) => replaceFunction(one, language, name, body))
    let step = await change()
    for (let n = 1; step === 'busy' && n < FUNCTION_ATTEMPTS; n += 1) {
      await pause(PAUSE_MS * (0.5 + Math.random()))
      step = await change()
    }
    return step
  }
  const holds = createDdlHolds(executor)
  const setKey = async (fence: FenceSpec): Promise<void> => {
    const claimed: Attempt = (waitMs, work) => claims.attempt('key', fence, waitMs, work)
    if ((await replace(fence, passFunction(fence), claimed)) === 'busy') throw keyNotSet(fence)
  }
  return {
    name: 'on-freeze',
    pace: { tablesAtOnce: 4, oneByOne: true, parallel: 8, longestRaiseMs: 200, longestLowerMs: 100 },
    verdicts: async () => triggerVerdicts((await context.server()).language.product),
    scope: scopeOf(options),
    survey: (request) => sessions.run(SURVEY_WAIT_MS, (one) => surveyFence(context, one, request)),
    prepare: setKey,
    settle: (mark) => claims.settle(mark),
    async rekey(fence) {
      await holds.release(fence)
      await setKey(fence)
    },
    // A writer that keeps its transaction open keeps the function as it is; the tables that it has not touched can be
    // lowered all the same.
    async disarm(mark) {
      await holds.release(mark)
      return replace(mark, inertFunction, sessions.attempt)
    },
    holdDdl: async (mark) => holds.hold(mark, (await context.server()).language),
    async raise(fence, tables, { lockWaitMs }) {
      const name = await functionName(fence)
      return claims.attempt('raise', fence, lockWaitMs, async (one) => {
        await showEveryColumn(one)
        for (const table of tables) await unlessGone(async () => void (await raiseTable(one, name, fence, table)))
      })
    },
    lower: (mark, tables, { lockWaitMs }) =>
      sessions.attempt(lockWaitMs, async (one) => {
        for (const table of tables) await unlessGone(() => lowerTable(one, mark, table))
      }),
    async clear(mark) {
      const name = await functionName(mark)
      let isUsed = false
      const step = await sessions.attempt(FUNCTION_WAIT_MS, async (one) => {
        const triggers = await ourTriggers(one, await functionSchema())
        isUsed = triggers.some(({ name: of }) => isOf(mark, of))
        if (!isUsed) await one.alter(dropFunction(name))
      })
      return isUsed ? 'busy' : step
    },
    ...createFenceScripts({
      ...{ sessions, functionName, raiseTable, lowerTable, dropTrigger },
      language: async () => (await context.server()).language,
    }),
    blockers: async (tables) => usersOf(await openTransactions(context), tables),
    standing: async () => standingFences(executor, await functionSchema()),
    present: tokenStatements,
  }
}

/** How one attempt is made. */
type Attempt = FenceSessions['attempt']

/** Makes what is missing, then removes triggers of the same fence that refused less; the names of those that stand. */
async function raiseTable(
  one: FenceSession,
  name: string,
  fence: FenceSpec,
  table: FenceTable,
): Promise<readonly string[]> {
  const columns = await columnsOf(one, table)
  const standing = await triggersOn(one, fence, table)
  // An account that may see no column can compare none.
  const refuse = columns.length === 0 ? { ...table.refuse, update: table.refuse.update !== false } : table.refuse
  const wanted = fenceTriggers(markName(fence), table, refuse, columns)
  const judgement = refuseUnless(name, shortMessage(fence))
  for (const trigger of wanted) {
    if (!standing.includes(trigger.name)) await one.alter(createTrigger(trigger, judgement))
  }
  const names = new Set(wanted.map((trigger) => trigger.name))
  for (const old of standing) if (!names.has(old)) await one.alter(dropTrigger(table, old))
  return [...names]
}

async function lowerTable(one: FenceSession, mark: FenceMark, table: TableRef): Promise<void> {
  for (const name of await triggersOn(one, mark, table)) await one.alter(dropTrigger(table, name))
}

function isOf(mark: FenceMark, name: string): boolean {
  const found = markOf(name)
  return found !== undefined && markName(found) === markName(mark)
}

function keyNotSet(fence: FenceSpec): QuiesceError {
  const name = markName(fence)
  return new QuiesceError(
    'QUIESCE_CONTENDED',
    `The function ${name} is in use by transactions that were open for longer than it was waited for. Commit or end the transactions that have written, or tried to, since the freeze began.`,
    { fence: name },
  )
}

function dropTrigger({ schema }: TableRef, name: string): string {
  return `DROP TRIGGER IF EXISTS ${qualified(schema, name)}`
}
