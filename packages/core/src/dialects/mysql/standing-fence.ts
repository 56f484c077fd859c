import { randomUUID } from 'node:crypto'
import type { SqlExecutor, Statements } from '../../domain/executor.ts'
import type { FenceSpec, FenceStep, StandingFence } from '../../domain/fence.ts'
import { fenceError } from '../../domain/fence-error.ts'
import { type FenceMark, markName, markOf } from '../../domain/fence-mark.ts'
import type { Installation, StandingBackend } from '../../domain/standing-backend.ts'
import type { StoreOptions } from '../dialect.ts'
import { scopeOf } from '../fence-names.ts'
import { readRow } from '../row.ts'
import { tokenStatements } from './client-token.ts'
import { createDdlHolds } from './fence-ddl-hold.ts'
import { assertHolder } from './fence-holder.ts'
import { createFenceSessions, type FenceSessions } from './fence-session.ts'
import { shortMessage } from './fence-triggers.ts'
import { triggerVerdicts } from './fence-verdicts.ts'
import { tableNames } from './names.ts'
import { serverOf } from './server.ts'
import { killConnection } from './session.ts'
import { askersOf } from './standing-askers.ts'
import {
  beginInstallation,
  changeScript,
  changeTables,
  completeInstallation,
  type InstallationContext,
  uninstall,
} from './standing-installation.ts'
import { type StandingNames, standingNames } from './standing-names.ts'
import { rekeyStanding } from './standing-rekey.ts'
import { createReleases } from './standing-release.ts'
import { changeRow, readState, type StandingEntry } from './standing-state.ts'
import { installationOf, planInstallation, surveyStanding } from './standing-survey.ts'
import type { StoreContext } from './store-context.ts'

/**
 * One change of one row fences all tables. Nobody queues longer behind an attempt than 0.9 s, which is less than the
 * shortest wait for a lock that a session can ask for, so no writer fails because of one.
 */
const PACE = {
  tablesAtOnce: Number.MAX_SAFE_INTEGER,
  oneByOne: false,
  parallel: 1,
  longestRaiseMs: 900,
  longestLowerMs: 900,
} as const
const SURVEY_WAIT_MS = 2000
/** How long the row may stay locked for a look at who holds the freeze. */
const HOLDER_WAIT_MS = 50

/** The fence whose triggers are installed once: each write locks and reads one row, a freeze changes it. */
export function createMysqlStandingFence(executor: SqlExecutor, options: StoreOptions): StandingBackend {
  const context: StoreContext = {
    executor,
    namespace: options.namespace,
    tables: tableNames(options.location),
    server: serverOf(executor),
  }
  const scope = scopeOf(options)
  const names = (): Promise<StandingNames> => standingNames(context, scope)
  const sessions = createFenceSessions(executor)
  const holds = createDdlHolds(executor)
  const releases = createReleases(executor)
  const inSession = async <T>(work: (one: Statements, names: StandingNames) => Promise<T>): Promise<T> => {
    const of = await names()
    return sessions.run(SURVEY_WAIT_MS, (one) => work(one, of))
  }
  const row = async (
    lockWaitMs: number,
    change: (entries: readonly StandingEntry[], one: Statements) => Promise<readonly StandingEntry[]>,
  ): Promise<FenceStep> =>
    changeRow(sessions, (await context.server()).language, await names(), lockWaitMs, async (state, one) => {
      if (state?.installed !== true)
        throw fenceError(['the standing fence is not installed any more, or is being changed: quiesce fence status'])
      return { installed: true, entries: await change(state.entries, one) }
    })
  const installation = async (): Promise<InstallationContext> => ({
    sessions,
    names: await names(),
    language: (await context.server()).language,
    activeFreezes: () => activeFreezes(context),
  })
  return {
    name: 'standing',
    pace: PACE,
    verdicts: async () => triggerVerdicts((await context.server()).language.product),
    scope,
    survey: (request) => inSession((one, of) => surveyStanding(context, one, of, request)),
    async prepare() {},
    raise: (fence, _, { lockWaitMs }) =>
      row(lockWaitMs, async (entries, one) => {
        await stillHolds(context, one, fence)
        // A late statement of a holder that was taken over does not bring its token back.
        return entries.some((entry) => entry.mark === markName(fence)) ? entries : [...entries, entryOf(fence)]
      }),
    blockers: async () => askersOf(context, sessions, await names()),
    async rekey(fence) {
      await holds.release(fence)
      await rekeyStanding(
        fence,
        (lockWaitMs) =>
          row(lockWaitMs, async (entries, one) => {
            await stillHolds(context, one, fence)
            return [...entries.filter((entry) => entry.mark !== markName(fence)), entryOf(fence)]
          }),
        async () => endAskers(context, sessions, await names()),
      )
    },
    async disarm(mark) {
      await holds.release(mark)
      const entry = await entryIn(executor, await names(), mark)
      if (entry !== undefined) await releases.begin(entry.release)
      return 'done'
    },
    async lower(mark, _, { lockWaitMs }) {
      let removed: readonly StandingEntry[] = []
      const isOf = ({ mark: name }: StandingEntry): boolean => name === markName(mark)
      const { language } = await context.server()
      const step = await changeRow(sessions, language, await names(), lockWaitMs, async (state) => {
        removed = state?.entries.filter(isOf) ?? []
        return state && { ...state, entries: state.entries.filter((entry) => !isOf(entry)) }
      })
      if (step === 'done') for (const { release } of removed) releases.end(release)
      return step
    },
    clear: async () => 'done',
    standing: async () => standing(executor, await names(), inSession),
    holdDdl: async (mark) => holds.hold(mark, (await context.server()).language),
    present: tokenStatements,
    installation: () => inSession(installationOf),
    plan: (request) => inSession((one, of) => planInstallation(context, one, of, request)),
    begin: async ({ lockWaitMs }) => beginInstallation(await installation(), lockWaitMs),
    change: async (tables, { lockWaitMs }) => changeTables(await installation(), tables, lockWaitMs),
    complete: async ({ lockWaitMs }) => completeInstallation(await installation(), lockWaitMs),
    uninstall: async ({ lockWaitMs }) => uninstall(await installation(), lockWaitMs),
    changeScript: async (changes, end) => changeScript(await installation(), changes, end),
  }
}

async function stillHolds({ tables, server }: StoreContext, one: Statements, fence: FenceSpec): Promise<void> {
  const { language } = await server()
  await assertHolder(one, tables, fence, (select) => language.bounded(`${select} LOCK IN SHARE MODE`, HOLDER_WAIT_MS))
}

function entryOf(fence: FenceSpec): StandingEntry {
  return {
    mark: markName(fence),
    freeze: fence.freezeId,
    digest: fence.tokenDigest ?? null,
    release: `quiesce ${randomUUID()}`,
    message: shortMessage(fence),
  }
}

async function standing(
  executor: SqlExecutor,
  names: StandingNames,
  inSession: (work: typeof installationOf) => Promise<Installation>,
): Promise<readonly StandingFence[]> {
  const state = await readState(executor, names)
  if (typeof state !== 'object' || state.entries.length === 0) return []
  const { tables } = await inSession(installationOf)
  return state.entries.flatMap(({ mark: name, digest }) => {
    const mark = markOf(name)
    return mark === undefined ? [] : [{ mark, tables, passable: digest !== null }]
  })
}

async function entryIn(
  one: Pick<Statements, 'execute'>,
  names: StandingNames,
  mark: FenceMark,
): Promise<StandingEntry | undefined> {
  const state = await readState(one, names)
  return typeof state === 'object' ? state.entries.find((entry) => entry.mark === markName(mark)) : undefined
}

async function activeFreezes({ executor, tables, namespace }: StoreContext): Promise<ReadonlySet<string>> {
  const sql = `SELECT id FROM ${tables.freeze} WHERE namespace = ? AND ended_at IS NULL`
  return new Set((await executor.execute(sql, [namespace])).rows.map((found) => readRow(found).text('id')))
}

async function endAskers(context: StoreContext, sessions: FenceSessions, names: StandingNames): Promise<void> {
  for (const { pid } of (await askersOf(context, sessions, names)) ?? [])
    if (pid > 0) await killConnection(context.executor, pid)
}
