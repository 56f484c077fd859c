import { setTimeout as pause } from 'node:timers/promises'
import { QuiesceError } from '../../domain/errors.ts'
import type { SqlExecutor } from '../../domain/executor.ts'
import type { FenceSpec, StandingFence } from '../../domain/fence.ts'
import { fenceError, installationError } from '../../domain/fence-error.ts'
import { markName, markOf } from '../../domain/fence-mark.ts'
import type { StandingBackend } from '../../domain/standing-backend.ts'
import type { OpenWriter } from '../../domain/store.ts'
import { decodeWriter } from '../decode.ts'
import type { StoreOptions } from '../dialect.ts'
import { scopeOf } from '../fence-names.ts'
import { sqlStateOf } from './errors.ts'
import { attempt } from './fence-attempt.ts'
import { fenceVerdicts } from './fence-verdicts.ts'
import { tableNames } from './names.ts'
import { terminateWriters } from './open-writers.ts'
import { beginInstallation, changeTables, completeInstallation, IN_USE, uninstall } from './standing-installation.ts'
import { type StandingNames, standingLocks } from './standing-names.ts'
import { lowerEntry, NOT_INSTALLED, raiseEntry, rekeyEntry, selectLockHolders } from './standing-statements.ts'
import { installationOf, planInstallation, readState, surveyStanding } from './standing-survey.ts'
import { rowsOf, type StoreContext } from './store-context.ts'

/** Far longer than any attempt waits for locks: only a connection that is dead is given up by it. */
const STATEMENT_TIMEOUT_MS = 15_000
/** One change of one row fences all tables; nobody queues longer than this behind an attempt. */
const PACE = {
  tablesAtOnce: Number.MAX_SAFE_INTEGER,
  oneByOne: false,
  parallel: 1,
  longestRaiseMs: 1500,
  longestLowerMs: 100,
} as const
const REKEY_WAIT_MS = 100
/** How many attempts a holder that was given up is left with before its transactions are ended. */
const REKEY_ATTEMPTS = 20
const PAUSE_MS = 20
const LAST_WAIT_MS = 1000
const LAST_ATTEMPTS = 3

/** The fence whose triggers are installed once: each write asks under a shared lock, a freeze changes one row. */
export function createPostgresStandingFence(executor: SqlExecutor, options: StoreOptions): StandingBackend {
  const context: StoreContext = {
    executor,
    namespace: options.namespace,
    location: options.location,
    tables: tableNames(options.location),
    synchronousCommit: options.synchronousCommit,
    hint: { channel: '', payload: '' },
  }
  const names: StandingNames = { tables: context.tables, namespace: options.namespace, scope: scopeOf(options) }
  // On connections of their own, so that no heartbeat waits behind an attempt.
  const run = async (sql: string): Promise<void> => {
    await executor.transaction((one) => one.execute(sql), { statementTimeoutMs: STATEMENT_TIMEOUT_MS })
  }
  const step = (sql: string) => translated(() => attempt(0, () => run(sql)))
  return {
    name: 'standing',
    pace: PACE,
    verdicts: async () => fenceVerdicts,
    scope: names.scope,
    survey: (request) => surveyStanding(context, names, request),
    async prepare() {},
    raise: (fence, _, { lockWaitMs }) => step(raiseEntry(names, fence, lockWaitMs)),
    blockers: () => holdersOf(context, standingLocks(names).writers),
    rekey: (fence) => rekey(context, names, fence, step),
    // The entry of a freeze that has ended refuses nothing; removing it can wait for whoever has locked the row.
    disarm: async () => 'done',
    lower: (mark, _, { lockWaitMs }) => step(lowerEntry(names, mark, lockWaitMs)),
    clear: async () => 'done',
    standing: () => standing(context, names),
    script: async (fence) => ({
      raise: [raiseEntry(names, fence, PACE.longestRaiseMs)],
      lower: [lowerEntry(names, fence, PACE.longestLowerMs)],
    }),
    lowerScript: async (mark) => [lowerEntry(names, mark, PACE.longestLowerMs)],
    present: (tokens) => ({
      show: { sql: `SELECT set_config('quiesce.token', $1, true)`, parameters: [tokens.join(',')] },
    }),
    installation: () => installationOf(context, names),
    plan: (request) => planInstallation(context, names, request),
    begin: ({ lockWaitMs }) => step(beginInstallation(names, lockWaitMs)),
    change: (tables, { lockWaitMs }) =>
      translated(() => attempt(tables.length, () => run(changeTables(names, tables, lockWaitMs)))),
    complete: ({ lockWaitMs }) => step(completeInstallation(names, lockWaitMs)),
    uninstall: ({ lockWaitMs }) => step(uninstall(names, lockWaitMs)),
    changeScript: async (changes, end) => [
      beginInstallation(names, PACE.longestRaiseMs),
      ...changes.map((change) => changeTables(names, [change], PACE.longestRaiseMs)),
      { complete: completeInstallation, uninstall }[end](names, PACE.longestRaiseMs),
    ],
  }
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const state = sqlStateOf(error)
    if (state === NOT_INSTALLED || state === '42P01')
      throw fenceError(['the standing fence is not installed any more, or is being changed: quiesce fence status'])
    if (state === IN_USE)
      throw installationError('changed', ['a freeze uses it, or another process has just finished changing it'])
    throw error
  }
}

/**
 * A holder that was given up and writes in REPEATABLE READ has locked the row. It gets the time of some attempts, then its
 * transactions are ended: nobody else can hold that lock while the fence stands.
 */
async function rekey(
  context: StoreContext,
  names: StandingNames,
  fence: FenceSpec,
  step: (sql: string) => Promise<'done' | 'busy'>,
): Promise<void> {
  const change = (lockWaitMs: number): Promise<'done' | 'busy'> =>
    step(rekeyEntry(names, fence, lockWaitMs, context.synchronousCommit))
  for (let n = 0; n < REKEY_ATTEMPTS; n += 1) {
    if ((await change(REKEY_WAIT_MS)) === 'done') return
    await pause(PAUSE_MS * (0.5 + Math.random()))
  }
  for (let n = 0; n < LAST_ATTEMPTS; n += 1) {
    // The change waits in line before they are ended, so that what they begin anew comes after it.
    const [answer] = await Promise.all([
      change(LAST_WAIT_MS),
      pause(REKEY_WAIT_MS).then(() => endHolders(context, names)),
    ])
    if (answer === 'done') return
  }
  throw new QuiesceError(
    'QUIESCE_CONTENDED',
    `The token of the fence ${markName(fence)} could not be changed: transactions that have written under it are open and could not be ended. End them, or let the role end them (GRANT pg_signal_backend).`,
    { fence: markName(fence) },
  )
}

async function endHolders(context: StoreContext, names: StandingNames): Promise<void> {
  const holders = await holdersOf(context, standingLocks(names).row)
  await rowsOf(context, terminateWriters, [JSON.stringify(holders.map(({ id }) => id))])
}

async function holdersOf(context: StoreContext, key: bigint): Promise<readonly OpenWriter[]> {
  const unsigned = BigInt.asUintN(64, key)
  const halves = [String(unsigned >> 32n), String(unsigned & 0xffff_ffffn)]
  return (await rowsOf(context, selectLockHolders, halves)).map(decodeWriter)
}

async function standing(context: StoreContext, names: StandingNames): Promise<readonly StandingFence[]> {
  const { entries } = await readState(context)
  if (entries.length === 0) return []
  const { tables } = await installationOf(context, names)
  return entries.flatMap(({ mark: name, digest }) => {
    const mark = markOf(name)
    return mark === undefined ? [] : [{ mark, tables, passable: digest !== null }]
  })
}
