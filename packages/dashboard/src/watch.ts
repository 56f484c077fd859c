import type { Cluster, ClusterStatus, LockRecord, RecordedEvent, RunInfo } from '@quiesce/core'
import { isQuiesceError } from '@quiesce/core'
import type { ResolvedDashboardOptions } from './dashboard-options.ts'
import { createRefusalLog, type Refusals } from './refusal-log.ts'

/** What the database said at one moment. */
export interface Seen {
  readonly at: Date
  readonly status: ClusterStatus
  readonly locks: readonly LockRecord[]
  readonly runs: readonly RunInfo[]
  readonly history: readonly RecordedEvent[]
}

/** What there is to show. */
export interface View {
  readonly now: Date
  /** The newest answer of the database; `undefined` until there was one. */
  readonly seen: Seen | undefined
  /** Why there is no newer one, in words. */
  readonly failure: string | undefined
  readonly refusals: Refusals
  /** Freezes that can be extended here, because this process made them. */
  readonly extensible: ReadonlySet<string>
}

/** Looks at the cluster, once for everybody who wants to know. */
export interface Watch {
  look(): Promise<View>
  /** Calls `show` with every new view, until what it returns is called. */
  follow(show: (view: View) => void): () => void
}

const HISTORY = 300
const RUNS = 12
const BUSY_MS = 250

/** What a watch needs to know of its dashboard. */
export interface WatchOptions extends Pick<ResolvedDashboardOptions, 'refreshMs' | 'logger'> {
  readonly canExtend: () => ReadonlySet<string>
}

/** Makes the watch of one process: nothing is asked while nobody follows. */
export function createWatch(cluster: Cluster, { refreshMs, logger, canExtend }: WatchOptions): Watch {
  const refusals = createRefusalLog()
  cluster.on('refused', ({ table, model, operation }) => refusals.add(table ?? model ?? operation, Date.now()))
  const followers = new Set<(view: View) => void>()
  let seen: Seen | undefined
  let asking: Promise<View> | undefined
  let timer: NodeJS.Timeout | undefined

  const viewOf = (failure: string | undefined): View => {
    const now = new Date()
    return { now, seen, failure, refusals: refusals.read(now.getTime()), extensible: canExtend() }
  }
  const ask = async (): Promise<View> => {
    try {
      const [status, locks, runs, history] = await Promise.all([
        cluster.status(),
        cluster.locks(),
        cluster.runs(RUNS),
        cluster.history(HISTORY),
      ])
      seen = { at: new Date(), status, locks, runs, history }
      return viewOf(undefined)
    } catch (error) {
      logger?.warn({ err: error }, 'the dashboard could not ask the database')
      return viewOf(
        isQuiesceError(error) ? error.message : 'The database does not answer; see the log of this process.',
      )
    }
  }
  const look = (): Promise<View> => {
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return asking
  }
  const tick = async (): Promise<void> => {
    const view = await look()
    for (const show of followers) show(view)
    clearTimeout(timer)
    if (followers.size === 0) return
    const isBusy = seen?.status.mode === 'draining'
    timer = setTimeout(tick, isBusy ? Math.min(BUSY_MS, refreshMs) : refreshMs)
    timer.unref()
  }
  return {
    look,
    follow(show) {
      followers.add(show)
      if (followers.size === 1) void tick()
      return () => {
        followers.delete(show)
        if (followers.size === 0) clearTimeout(timer)
      }
    },
  }
}
