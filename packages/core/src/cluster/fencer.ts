import type { Clock } from '../domain/clock.ts'
import { isQuiesceError } from '../domain/errors.ts'
import type { FenceBackend, FenceGap, FenceSpec, FenceSurvey, SurveyRequest } from '../domain/fence.ts'
import { fenceError } from '../domain/fence-error.ts'
import { markName } from '../domain/fence-mark.ts'
import type { Logger } from '../domain/logger.ts'
import type { CoordinationStore } from '../domain/store.ts'
import type { EventHub } from './events.ts'
import { chooseFence } from './fence-choice.ts'
import { raiseUnderHold } from './fence-hold.ts'
import { raiseFence } from './fence-raise.ts'
import { sealFence } from './fence-seal.ts'
import { type FenceWatch, watchFence } from './fence-watch.ts'

/** What a freeze has of the database's own refusal. */
export interface FenceReport {
  /** How it refuses: `on-freeze`, `standing` or `schema`; `undefined` when there is no fence. */
  readonly backend: string | undefined
  /** Why this backend; left out where the database has no other. */
  readonly because?: string | undefined
  /** How many tables refuse. */
  readonly tables: number
  /** What can still be written past it. */
  readonly gaps: readonly FenceGap[]
  /** True where it refuses the holder too, who has no token then. */
  readonly refusesHolder?: boolean | undefined
  /** Why there is none. */
  readonly reason?: string | undefined
}

/** How a freeze wants to be fenced. */
export interface FenceWish {
  readonly fence: 'auto' | 'required' | 'off'
  readonly request: SurveyRequest
  /** How long to wait for transactions that are in the way. */
  readonly timeoutMs: number
  readonly terminate: boolean
  /** Whether transactions that stay in the way fail the freeze, or only cost it the fence. */
  readonly insistent: boolean
  /** The name of the backend that is asked for, or whose fence stands already; `undefined`: any that needs no asking. */
  readonly backend?: string | undefined
}

/** What can be fenced: decided before anything is frozen. */
export type FencePlan =
  | {
      readonly possible: true
      readonly backend: FenceBackend
      readonly because: string | undefined
      readonly survey: FenceSurvey
      readonly wish: FenceWish
    }
  | { readonly possible: false; readonly reason: string }

/** Raises the fences of this process's freezes. */
export interface Fencer {
  /** @throws QuiesceError `QUIESCE_FENCE` with all reasons when a fence is required and not possible. */
  plan(wish: FenceWish): Promise<FencePlan>
  /**
   * Raises what was planned; without `fence: 'required'` a fence that fails is lowered again, and the report tells why.
   *
   * @throws DrainTimeoutError, QuiesceError `QUIESCE_FENCE`, `QUIESCE_ABORTED`.
   */
  raise(plan: FencePlan & { possible: true }, fence: FenceSpec, signal: AbortSignal): Promise<FenceReport>
  /**
   * Lets only this spec's token pass a fence that stands, and ends what others had begun with another one; what stands,
   * or `undefined` when none does.
   */
  takeOver(fence: FenceSpec, request: SurveyRequest): Promise<FenceReport | undefined>
  /** Fences tables that appear from now on, until the signal aborts or `close()`. */
  watch(plan: FencePlan & { possible: true }, fence: FenceSpec, signal: AbortSignal): FenceWatch
}

/** What the fencer needs. */
export interface FencerOptions {
  /** In the order of preference; none where the database can't refuse by itself. */
  readonly backends: readonly FenceBackend[]
  readonly store: CoordinationStore
  readonly clock: Clock
  readonly events: EventHub
  readonly logger: Logger
  /** How often to look for new tables. */
  readonly watchMs: number
  /** How long transactions of a holder that was lost may still go on after a takeover. */
  readonly lateMs: number
}

const UNAVAILABLE = 'this database cannot refuse writes by itself'

function unavailableAs(backend: string | undefined): string {
  if (backend !== 'schema') return UNAVAILABLE
  return "this database has no schemas that can be made READ ONLY, as fenceBackend: 'schema' asks: MySQL has"
}

/** Makes the fencer of one process. */
export function createFencer(options: FencerOptions): Fencer {
  const { backends, store, clock, events, logger, watchMs, lateMs } = options
  const empty =
    'there is no table to fence in the coordination database: a fence needs the coordination tables in the database of the application'
  return {
    async plan(wish) {
      if (wish.fence === 'off') return { possible: false, reason: "fence: 'off' was asked for" }
      const choice = await chooseFence(backends, wish.request, wish.backend)
      const survey = choice?.survey
      const ddl =
        wish.request.holdDdl === true && choice?.backend.holdDdl === undefined
          ? ['this database cannot hold DDL back']
          : []
      const nothing = survey?.tables.length === 0 && survey.obstacles.length === 0 ? [empty] : []
      const obstacles = [...(survey?.obstacles ?? [unavailableAs(wish.backend)]), ...nothing, ...ddl]
      if (choice !== undefined && obstacles.length === 0) return { possible: true, ...choice, wish }
      if (wish.fence === 'required') throw fenceError(obstacles)
      return { possible: false, reason: obstacles.join('; ') }
    },

    async raise({ backend, because, survey, wish }, fence, signal) {
      const { request, timeoutMs, terminate } = wish
      const { tables, estimateMs } = survey
      logger.info({ freezeId: fence.freezeId, tables: tables.length, estimateMs }, 'raising the fence')
      try {
        await backend.prepare(fence)
        const raise = { backend, store, clock, events, fence, request, tables, timeoutMs, terminate, signal }
        const raised = await (request.holdDdl === true ? raiseUnderHold(raise) : raiseFence(raise))
        const { name, refusesHolder } = backend
        return { backend: name, because, tables: raised.tables.length, gaps: raised.gaps, refusesHolder }
      } catch (error) {
        if (!isDispensable(error, wish) || signal.aborted) throw error
        const reason = error instanceof Error ? error.message : String(error)
        logger.warn(
          { error, freezeId: fence.freezeId },
          'the fence could not be raised; the nodes alone hold writes back',
        )
        return { backend: undefined, tables: 0, gaps: [], reason }
      }
    },

    async takeOver(fence, request) {
      for (const backend of backends) {
        const standing = (await backend.standing()).find(({ mark }) => markName(mark) === markName(fence))
        if (standing === undefined) continue
        const { tables } = standing
        await sealFence({ backend, store, clock, events, fence, tables, graceMs: lateMs })
        // The lost holder's hold on DDL has ended with its connection or with the change of the key.
        const { gaps } = await backend.survey({ ...request, holdDdl: false, mark: fence })
        const { name, refusesHolder } = backend
        return { backend: name, tables: tables.length, gaps, refusesHolder }
      }
      return undefined
    },

    watch({ backend, wish }, fence, signal) {
      return watchFence({ backend, store, clock, events, fence, request: wish.request, everyMs: watchMs, signal })
    },
  }
}

/** Whether the freeze may go on without the fence that failed so. */
function isDispensable(error: unknown, { fence, insistent }: FenceWish): boolean {
  if (fence === 'required') return false
  return !(insistent && isQuiesceError(error) && error.kind === 'QUIESCE_DRAIN_TIMEOUT')
}
