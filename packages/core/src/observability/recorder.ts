import type { Cluster } from '../cluster/cluster.ts'
import type { ClusterEvents } from '../cluster/events.ts'
import { isQuiesceError } from '../domain/errors.ts'
import type { TableWrite } from '../domain/table-write.ts'
import type { Attributes, CounterName, HistogramName } from './metrics.ts'
import { createNameBound } from './name-bound.ts'
import { createLabels, createTargets, type Target } from './write-labels.ts'

/** Where measurements go. */
export interface MetricSink {
  add(metric: CounterName, attributes: Attributes): void
  /** In seconds. */
  record(metric: HistogramName, seconds: number, attributes: Attributes): void
}

const MOST_NAMES = 200

/**
 * Turns the events of a cluster into measurements; returns what ends that.
 *
 * It listens only: a write in read-write mode makes no event, so nothing is counted for it.
 */
export function recordEvents(cluster: Pick<Cluster, 'on'>, namespace: string, sink: MetricSink): () => void {
  const own: Attributes = { 'quiesce.namespace': namespace }
  const stops: (() => void)[] = []
  const on = <K extends keyof ClusterEvents>(name: K, listener: (event: ClusterEvents[K]) => void): void => {
    stops.push(cluster.on(name, listener))
  }
  recordWrites(on, own, sink)
  recordFreezes(on, own, sink)
  recordLocks(on, own, sink)
  on('heartbeat', ({ lagMs }) => sink.record('quiesce.heartbeat.lag', lagMs / 1000, own))
  on('alert', ({ kind, severity }) =>
    sink.add('quiesce.alert', { ...own, 'quiesce.alert.kind': kind, 'quiesce.alert.severity': severity }),
  )
  on('lease-lost', () => sink.add('quiesce.node.lost', { ...own, 'quiesce.reason': 'lease-lost' }))
  on('state-lost', () => sink.add('quiesce.node.lost', { ...own, 'quiesce.reason': 'state-lost' }))
  return () => {
    for (const stop of stops) stop()
  }
}

type On = <K extends keyof ClusterEvents>(name: K, listener: (event: ClusterEvents[K]) => void) => void

function recordWrites(on: On, own: Attributes, sink: MetricSink): void {
  const target = createTargets()
  const decisions = createLabels((decided, of) => ({ ...own, 'quiesce.decision': decided, ...of }))
  const refusals = createLabels((because, of) => ({ ...own, ...of, 'quiesce.reason': because }))
  const drivers = createLabels((system, of) => ({ ...own, ...of, 'db.system.name': system }))
  const decide = (decision: string, of: Target): void => sink.add('quiesce.write.decision', decisions(decision, of))

  on('refused', (error) => {
    const of = target(error.table ?? error.model, error.operation)
    sink.add('quiesce.write.blocked', refusals(error.because, of))
    decide('blocked', of)
  })
  on('exempt', ({ writes, because }) => {
    for (const write of writes) decide(because, target(nameOf(write), write.operation))
  })
  on('would-refuse', ({ error }) => decide('would-refuse', target(error.table ?? error.model, error.operation)))
  on('skipped', (write) => decide('skipped', target(write.table, write.operation)))
  on('unguarded', (write) =>
    sink.add('quiesce.write.unguarded', drivers(write.system, target(write.table, write.operation))),
  )
}

function recordFreezes(on: On, own: Attributes, sink: MetricSink): void {
  const duration = (ms: number, outcome: string, more: Attributes = {}): void =>
    sink.record('quiesce.freeze.duration', ms / 1000, { ...own, 'quiesce.outcome': outcome, ...more })

  on('frozen', ({ timings }) => {
    sink.record('quiesce.freeze.propagation.duration', timings.seenMs / 1000, own)
    sink.record('quiesce.drain.duration', Math.max(timings.ackedMs, timings.drainedMs) / 1000, own)
  })
  on('thawed', ({ heldMs, why }) => {
    if (heldMs !== undefined) duration(heldMs, why)
  })
  on('freeze-failed', ({ afterMs, error }) => duration(afterMs, 'failed', errorType(error)))
  on('freeze-lost', ({ heldMs }) => {
    duration(heldMs, 'lost')
    sink.add('quiesce.freeze.lost', own)
  })
  on('takeover', ({ freezeIds }) => {
    for (const _ of freezeIds) sink.add('quiesce.freeze.takeover', own)
  })
}

function recordLocks(on: On, own: Attributes, sink: MetricSink): void {
  const bound = createNameBound(MOST_NAMES)
  const named = (name: string): Attributes => ({ ...own, 'quiesce.lock.name': bound(name) })
  on('lock-acquired', ({ name, waitedMs, takenOverFrom }) => {
    sink.record('quiesce.lock.wait.duration', waitedMs / 1000, named(name))
    if (takenOverFrom !== undefined) sink.add('quiesce.lock.takeover', named(name))
  })
  on('lock-failed', ({ name, waitedMs, error }) =>
    sink.record('quiesce.lock.wait.duration', waitedMs / 1000, { ...named(name), ...errorType(error) }),
  )
  on('lock-lost', ({ name }) => sink.add('quiesce.lock.lost', named(name)))
}

function nameOf({ schema, table }: TableWrite): string {
  return schema === undefined ? table : `${schema}.${table}`
}

/** The stable `error.type`: our kind, or the class of what was thrown. */
export function errorType(error: unknown): Attributes {
  if (isQuiesceError(error)) return { 'error.type': error.kind }
  return { 'error.type': error instanceof Error ? error.name : '_OTHER' }
}
