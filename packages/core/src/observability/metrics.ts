/** One metric, whatever system it goes to. */
export interface MetricDefinition {
  /** As in OpenTelemetry (UCUM): `s`, or what is counted in braces. */
  readonly unit: string
  readonly description: string
  /** Besides `quiesce.namespace`, which each has. */
  readonly attributes: readonly string[]
}

/** What is counted when it happens; in read-write mode nothing does. */
export type CounterName =
  | 'quiesce.alert'
  | 'quiesce.write.decision'
  | 'quiesce.write.blocked'
  | 'quiesce.write.unguarded'
  | 'quiesce.freeze.takeover'
  | 'quiesce.freeze.lost'
  | 'quiesce.node.lost'
  | 'quiesce.lock.lost'
  | 'quiesce.lock.takeover'

/** Durations in seconds. */
export type HistogramName =
  | 'quiesce.freeze.duration'
  | 'quiesce.freeze.propagation.duration'
  | 'quiesce.drain.duration'
  | 'quiesce.heartbeat.lag'
  | 'quiesce.lock.wait.duration'

/** What is looked at when it is collected. */
export type GaugeName =
  | 'quiesce.freeze.state'
  | 'quiesce.freeze.active'
  | 'quiesce.node.count'
  | 'quiesce.node.ack.epoch'
  | 'quiesce.lock.held'
  | 'quiesce.write.inflight'
  | 'quiesce.drain.pending'

/** The name of a metric, as OpenTelemetry spells it. */
export type MetricName = CounterName | HistogramName | GaugeName

const TABLE = 'db.collection.name'
const OPERATION = 'db.operation.name'

/** The counters; attributes of the stable `db.*` conventions where one fits. */
export const COUNTERS: Readonly<Record<CounterName, MetricDefinition>> = {
  'quiesce.alert': {
    unit: '{alert}',
    description: 'Alerts that this node raised, by kind and severity: info, warning or critical.',
    attributes: ['quiesce.alert.kind', 'quiesce.alert.severity'],
  },
  'quiesce.write.decision': {
    unit: '{write}',
    description:
      'Writes decided on while the cluster is not read-write, by decision: blocked, exempt, grace, skipped or would-refuse.',
    attributes: ['quiesce.decision', TABLE, OPERATION],
  },
  'quiesce.write.blocked': {
    unit: '{write}',
    description: 'Writes refused, by table, operation and why: freeze, drain-deadline, lease-lost, state-lost, closed.',
    attributes: [TABLE, OPERATION, 'quiesce.reason'],
  },
  'quiesce.write.unguarded': {
    unit: '{write}',
    description: 'Writes that a driver sent and no guard was asked about; only where detectUnguardedWrites() is on.',
    attributes: ['db.system.name', TABLE, OPERATION],
  },
  'quiesce.freeze.takeover': {
    unit: '{freeze}',
    description: 'Freezes that this node ended, or kept, because their holder was lost or their deadline had passed.',
    attributes: [],
  },
  'quiesce.freeze.lost': {
    unit: '{freeze}',
    description: 'Freezes that this process held and that ended, or became uncertain, without its doing.',
    attributes: [],
  },
  'quiesce.node.lost': {
    unit: '{event}',
    description: 'Times that this node could not vouch for the mode: lease-lost or state-lost.',
    attributes: ['quiesce.reason'],
  },
  'quiesce.lock.lost': {
    unit: '{lock}',
    description: 'Locks of this process that were lost, or became uncertain, before it gave them back.',
    attributes: ['quiesce.lock.name'],
  },
  'quiesce.lock.takeover': {
    unit: '{lock}',
    description: 'Locks that this process took over from a node whose lease had run out.',
    attributes: ['quiesce.lock.name'],
  },
}

/** The durations. */
export const HISTOGRAMS: Readonly<Record<HistogramName, MetricDefinition>> = {
  'quiesce.freeze.duration': {
    unit: 's',
    description: 'From the begin of a freeze of this process to its end, by outcome: thawed, forced, lost or failed.',
    attributes: ['quiesce.outcome', 'error.type'],
  },
  'quiesce.freeze.propagation.duration': {
    unit: 's',
    description: 'Until every node had stopped admitting writes, told by the process that froze.',
    attributes: [],
  },
  'quiesce.drain.duration': {
    unit: 's',
    description: 'Until every write in flight, and what the server shows of other programs, had ended.',
    attributes: [],
  },
  'quiesce.heartbeat.lag': {
    unit: 's',
    description: 'How long after a heartbeat was due the database had answered it.',
    attributes: [],
  },
  'quiesce.lock.wait.duration': {
    unit: 's',
    description: 'How long a lock was waited for, whether it was given or not (error.type).',
    attributes: ['quiesce.lock.name', 'error.type'],
  },
}

/** The gauges. */
export const GAUGES: Readonly<Record<GaugeName, MetricDefinition>> = {
  'quiesce.freeze.state': {
    unit: '1',
    description: 'What this node admits: 0 read-write, 1 draining, 2 read-only. Absent before it has joined.',
    attributes: [],
  },
  'quiesce.freeze.active': {
    unit: '{freeze}',
    description: 'Active freezes that this node knows of; 0 while its state is 2 means that its lease is lost.',
    attributes: [],
  },
  'quiesce.node.count': {
    unit: '{node}',
    description: 'Registered nodes by state: acked, lagging (alive, has not acked the current epoch) or expired.',
    attributes: ['quiesce.node.state'],
  },
  'quiesce.node.ack.epoch': {
    unit: '1',
    description: 'The newest epoch that this node acked.',
    attributes: [],
  },
  'quiesce.lock.held': {
    unit: '{lock}',
    description: 'Locks that this process holds.',
    attributes: [],
  },
  'quiesce.write.inflight': {
    unit: '{write}',
    description:
      'Writes of this node that were sent and have not ended, by table, in every mode; a transaction counts for each table.',
    attributes: [TABLE],
  },
  'quiesce.drain.pending': {
    unit: '{write}',
    description: 'Statements and transactions of this node that a drain still waits for; 0 in read-write mode.',
    attributes: [],
  },
}

/** What a measurement is labelled with; left out where it is not known. */
export type Attributes = Readonly<Record<string, string>>

const SHORT: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const LONG: readonly number[] = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 14_400]

/** The upper bounds of a histogram's buckets, in seconds: minutes for freezes, milliseconds for the rest. */
export function bucketsOf(name: HistogramName): readonly number[] {
  return name === 'quiesce.freeze.duration' ? LONG : SHORT
}

/** The names in a group of metrics. */
export function namesOf<Name extends MetricName>(group: Readonly<Record<Name, MetricDefinition>>): readonly Name[] {
  // The type of a group says that it has no other keys.
  return Object.keys(group) as Name[]
}
