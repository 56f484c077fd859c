import { isCheckingIn, type QuartzScheduler } from '../domain/members.ts'
import type { NodeRecord } from '../domain/node-record.ts'
import type { CoordinationStore } from '../domain/store.ts'
import type { ResolvedOptions } from './options.ts'

/** Who is there, and which source says so. */
export interface Members {
  /** Nodes whose lease is valid. */
  readonly nodes: readonly NodeRecord[]
  /** Quartz schedulers that check in, and those whose row was left behind. */
  readonly quartz: { readonly alive: readonly QuartzScheduler[]; readonly stale: readonly QuartzScheduler[] }
  /** Sessions of the application names. */
  readonly sessions: number
  /** The most instances that any source that names instances sees. */
  readonly count: number
  /** Instances that some source sees and that are no nodes: they cannot ack. */
  readonly unregistered: number
}

/** Asks every source that was configured. */
export async function detectMembers(store: CoordinationStore, options: ResolvedOptions['detect']): Promise<Members> {
  const [nodes, schedulers, sessions] = await Promise.all([
    store.nodes(),
    options.quartz === undefined ? [] : store.quartzSchedulers(options.quartz),
    options.applications === undefined ? 0 : store.sessions(options.applications),
  ])
  const registered = nodes.filter(({ leaseRemainingMs }) => leaseRemainingMs > 0)
  const alive = schedulers.filter(isCheckingIn)
  const stale = schedulers.filter((scheduler) => !isCheckingIn(scheduler))
  // A process has any number of sessions, so sessions tell only whether there is somebody at all.
  const strangers = sessions > 0 ? 1 : 0
  const count = Math.max(registered.length, alive.length) + strangers
  return { nodes: registered, quartz: { alive, stale }, sessions, count, unregistered: count - registered.length }
}
