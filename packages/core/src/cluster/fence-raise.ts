import type { Clock } from '../domain/clock.ts'
import type { FenceBackend, FenceSpec, FenceSurvey, FenceTable, SurveyRequest } from '../domain/fence.ts'
import { fenceError } from '../domain/fence-error.ts'
import type { CoordinationStore, OpenWriter } from '../domain/store.ts'
import { DrainTimeoutError } from '../domain/timeout-errors.ts'
import type { EventHub } from './events.ts'
import { inSteps } from './fence-steps.ts'

/** What raising a fence needs. */
export interface FenceRaise {
  readonly backend: FenceBackend
  readonly store: CoordinationStore
  readonly clock: Clock
  readonly events: EventHub
  readonly fence: FenceSpec
  readonly request: SurveyRequest
  /** What the survey before the freeze found. */
  readonly tables: readonly FenceTable[]
  /** How long to wait for transactions that are in the way. */
  readonly timeoutMs: number
  /** End the sessions that are still in the way then, instead of failing. */
  readonly terminate: boolean
  readonly signal: AbortSignal
}

/** How long the rollback of a session that was ended may take. */
const TERMINATION_MS = 5000
/** Tables that appear while the fence is raised are fenced too; so often at most. */
const MAX_ROUNDS = 20

/**
 * Fences every table, the ones that are written most last, and looks again until the catalog shows nothing uncovered.
 * When it resolves, every transaction that had written to a covered table has ended.
 *
 * @throws DrainTimeoutError naming the transactions that were in the way; QuiesceError `QUIESCE_FENCE`,
 *   `QUIESCE_ABORTED`. What was raised is left for `lowerFence`.
 */
export async function raiseFence(raise: FenceRaise): Promise<FenceSurvey> {
  const { backend, fence, request } = raise
  let missing: readonly FenceTable[] = raise.tables
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    await raiseTables(raise, missing)
    const survey = await backend.survey({ ...request, mark: fence })
    if (survey.obstacles.length > 0) throw fenceError(survey.obstacles)
    missing = survey.tables.filter(({ covered }) => !covered)
    if (missing.length === 0) return survey
  }
  const names = missing.map(({ schema, table }) => `${schema}.${table}`)
  throw fenceError([`tables were created or changed faster than they could be fenced: ${names.join(', ')}`])
}

async function raiseTables(raise: FenceRaise, tables: readonly FenceTable[]): Promise<void> {
  const { backend, store, clock, events, fence, timeoutMs, signal } = raise
  const startedAtMs = clock.monotonicMs()
  const all = tables.length
  const tell = (done: number): void => events.emit('fence', { freezeId: fence.freezeId, phase: 'raising', done, all })
  const attempt = (busy: readonly FenceTable[], untilMs: number): Promise<readonly FenceTable[]> =>
    inSteps({
      clock,
      pace: backend.pace,
      longestWaitMs: backend.pace.longestRaiseMs,
      tables: busy,
      attempt: (some, bound) => backend.raise(fence, some, bound),
      untilMs,
      signal,
      onProgress: (done) => tell(all - busy.length + done),
    })
  let busy = await attempt([...tables].sort(coldestFirst), startedAtMs + timeoutMs)
  if (busy.length === 0) return
  if (raise.terminate) {
    await store.terminate((await backend.blockers(busy)) ?? [])
    busy = await attempt(busy, clock.monotonicMs() + TERMINATION_MS)
    if (busy.length === 0) return
  }
  const blockers = (await backend.blockers(busy)) ?? []
  if (blockers.some(({ onlyReads }) => onlyReads !== true))
    throw new DrainTimeoutError(clock.monotonicMs() - startedAtMs, [], blockers)
  const names = busy.map(({ schema, table }) => `${schema}.${table}`)
  const who = blockers.length === 0 ? 'others' : `transactions that only read (${blockers.map(inWords).join(', ')})`
  throw fenceError([`${who} were in the way for ${timeoutMs} ms on ${names.join(', ')}`])
}

function inWords({ pid, application }: OpenWriter): string {
  return `pid ${pid} of ${application}`
}

function coldestFirst(a: FenceTable, b: FenceTable): number {
  return a.heat - b.heat
}
