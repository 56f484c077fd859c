import type { Clock } from '../domain/clock.ts'
import type { Logger } from '../domain/logger.ts'
import type { ReadOnlyError } from '../domain/read-only-error.ts'
import { callSiteOf } from './call-site.ts'
import type { EventHub } from './events.ts'

/** How often a node that only reports would have refused something, since it started. */
export interface WouldRefuseCount {
  /** `undefined` where the statement names none, or for what is not SQL. */
  readonly table: string | undefined
  readonly operation: string
  readonly count: number
  /** Where the application sent the newest of them, where the runtime still knew. */
  readonly callSite: string | undefined
}

/** Counts, tells and logs what would have been refused. */
export interface WouldRefuse {
  report(error: ReadOnlyError): void
  /** The most frequent first. */
  counts(): readonly WouldRefuseCount[]
}

const LOG_EVERY_MS = 10_000
/** Table names come from statements, so their number is bounded here; what is over is counted together. */
const MOST_KINDS = 500

/** Makes the counters of one node; logs one line for each table within ten seconds. */
export function createWouldRefuse(clock: Clock, logger: Logger, events: EventHub): WouldRefuse {
  const counts = new Map<string, WouldRefuseCount>()
  const logged = new Map<string, { atMs: number; since: number }>()

  function count(error: ReadOnlyError, callSite: string | undefined): WouldRefuseCount {
    const { table, operation } = error
    const exact = JSON.stringify([table, operation])
    const isKnown = counts.has(exact) || counts.size < MOST_KINDS
    const key = isKnown ? exact : ''
    const kind = isKnown ? { table, operation } : { table: undefined, operation: 'other' }
    const counted = { ...kind, count: (counts.get(key)?.count ?? 0) + 1, callSite }
    counts.set(key, counted)
    return counted
  }

  function log({ table = '', operation }: WouldRefuseCount, error: ReadOnlyError, callSite: string | undefined): void {
    const now = clock.monotonicMs()
    const last = logged.get(table)
    if (last !== undefined && now - last.atMs < LOG_EVERY_MS) {
      last.since += 1
      return
    }
    const { columns, freezeId, reason, message } = error
    const more = { operation, columns, freezeId, reason, callSite, unlogged: last?.since ?? 0 }
    logger.warn({ table, ...more }, `would refuse, but only reports: ${message}`)
    logged.set(table, { atMs: now, since: 0 })
  }

  return {
    report(error) {
      const callSite = callSiteOf(error.stack)
      const counted = count(error, callSite)
      log(counted, error, callSite)
      events.emit('would-refuse', { error, callSite, count: counted.count })
    },
    counts: () => [...counts.values()].sort((a, b) => b.count - a.count),
  }
}
