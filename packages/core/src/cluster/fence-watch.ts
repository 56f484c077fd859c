import type { Cancel, Clock } from '../domain/clock.ts'
import type { FenceBackend, FenceSpec, FenceTable, SurveyRequest } from '../domain/fence.ts'
import type { CoordinationStore } from '../domain/store.ts'
import type { EventHub } from './events.ts'
import { raiseFence } from './fence-raise.ts'

/** What watching over a fence needs. */
export interface FenceWatchOptions {
  readonly backend: FenceBackend
  readonly store: CoordinationStore
  readonly clock: Clock
  readonly events: EventHub
  readonly fence: FenceSpec
  readonly request: SurveyRequest
  readonly everyMs: number
  readonly signal: AbortSignal
}

/** Looks after a fence that stands. */
export interface FenceWatch {
  /** Stops; resolves when a look that is under way has ended, so that nothing is raised any more. */
  close(): Promise<void>
}

const TIMEOUT_MS = 5000

/** Fences tables, partitions and columns that appear while a fence stands, and tells of each in a `warning`. */
export function watchFence(options: FenceWatchOptions): FenceWatch {
  const { clock, everyMs, events } = options
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, options.signal])
  let cancel: Cancel = () => {}
  let looking: Promise<void> = Promise.resolve()
  const warn = (message: string, error?: unknown): void => events.emit('warning', { message, error })
  const schedule = (): void => {
    if (signal.aborted) return
    cancel = clock.schedule(everyMs, () => {
      looking = coverWhatAppeared(options, signal, warn)
        .catch((error: unknown) => {
          if (!signal.aborted) warn('looking for tables that appeared during the freeze failed; trying again', error)
        })
        .then(schedule)
    })
  }
  schedule()
  return {
    async close() {
      stop.abort()
      cancel()
      await looking
    },
  }
}

/** One look: fences what is not covered, and tells of it. */
export async function coverWhatAppeared(
  { backend, store, clock, events, fence, request }: Omit<FenceWatchOptions, 'everyMs' | 'signal'>,
  signal: AbortSignal,
  warn: (message: string, error?: unknown) => void,
): Promise<void> {
  if (signal.aborted) return
  const survey = await backend.survey({ ...request, mark: fence })
  const missing = survey.tables.filter(({ covered }) => !covered)
  if (missing.length === 0) return
  const names = namesOf(missing)
  if (survey.obstacles.length > 0) {
    warn(`${names} appeared during freeze ${fence.freezeId} and cannot be fenced: ${survey.obstacles.join('; ')}`)
    return
  }
  await raiseFence({
    backend,
    store,
    clock,
    events,
    fence,
    request,
    tables: missing,
    timeoutMs: TIMEOUT_MS,
    terminate: false,
    signal,
  })
  warn(
    `${names} appeared or changed during freeze ${fence.freezeId}; fenced now, but writes in between were not refused`,
  )
}

function namesOf(tables: readonly FenceTable[]): string {
  return tables.map(({ schema, table }) => `${schema}.${table}`).join(', ')
}
