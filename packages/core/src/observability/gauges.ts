import type { Cluster, ClusterState } from '../cluster/cluster.ts'
import type { Observation } from '../cluster/observation.ts'
import { compareEpochs } from '../domain/token.ts'
import type { Attributes, GaugeName } from './metrics.ts'
import { createNameBound } from './name-bound.ts'

/** One value of a gauge. */
export interface Sample {
  readonly metric: GaugeName
  readonly value: number
  readonly attributes: Attributes
}

/** How gauges are looked at. */
export interface GaugeOptions {
  /**
   * Count the cluster's nodes, which asks the database at most once in ten seconds and only when metrics are collected.
   * Default true; with hundreds of nodes let one process do it.
   */
  readonly nodes?: boolean
}

/** The gauges of one cluster. */
export interface Gauges {
  /** Looks at everything; never fails: what can't be told now is left out. */
  observe(): Promise<readonly Sample[]>
  close(): void
}

const NODES_EVERY_MS = 10_000
const MOST_TABLES = 200
const STATES = { 'read-write': 0, draining: 1, 'read-only': 2 } as const

/** Makes the gauges of one cluster. */
export function createGauges(
  cluster: Pick<Cluster, 'on' | 'state' | 'nodes'>,
  { namespace, writesInFlight }: Pick<Observation, 'namespace' | 'writesInFlight'>,
  options: GaugeOptions = {},
): Gauges {
  const own: Attributes = { 'quiesce.namespace': namespace }
  const held = new Set<string>()
  const boundTable = createNameBound(MOST_TABLES)
  // A table that was seen once goes on being told, as 0, so that its line ends there and not in the air.
  const inFlightOf = new Map<string | undefined, number>()
  let ackedEpoch: string | undefined
  let counted: { readonly atMs: number; readonly samples: Promise<readonly Sample[]> } | undefined
  const stops = [
    cluster.on('acked', ({ epoch }) => {
      ackedEpoch = epoch
    }),
    cluster.on('lock-acquired', ({ name }) => held.add(name)),
    cluster.on('lock-released', ({ name }) => held.delete(name)),
    cluster.on('lock-lost', ({ name }) => held.delete(name)),
  ]
  const sample = (metric: GaugeName, value: number, more: Attributes = {}): Sample => ({
    metric,
    value,
    attributes: { ...own, ...more },
  })

  function inFlight(): readonly Sample[] {
    for (const table of inFlightOf.keys()) inFlightOf.set(table, 0)
    for (const [table, count] of writesInFlight()) {
      const name = table === undefined ? undefined : boundTable(table)
      inFlightOf.set(name, (inFlightOf.get(name) ?? 0) + count)
    }
    return [...inFlightOf].map(([table, count]) =>
      sample('quiesce.write.inflight', count, table === undefined ? {} : { 'db.collection.name': table }),
    )
  }

  function local(state: ClusterState): readonly Sample[] {
    const samples = [
      ...inFlight(),
      sample('quiesce.drain.pending', state.inFlight),
      sample('quiesce.freeze.active', state.freezes.length),
      sample('quiesce.lock.held', held.size),
    ]
    const { mode } = state
    if (mode !== 'starting' && mode !== 'closed') samples.push(sample('quiesce.freeze.state', STATES[mode]))
    if (ackedEpoch !== undefined) samples.push(sample('quiesce.node.ack.epoch', Number(ackedEpoch)))
    return samples
  }

  async function countNodes(epoch: string): Promise<readonly Sample[]> {
    const count = { acked: 0, lagging: 0, expired: 0 }
    for (const node of await cluster.nodes()) {
      const hasAcked = compareEpochs(node.ackedEpoch, epoch) >= 0
      count[node.status === 'lost' ? 'expired' : hasAcked ? 'acked' : 'lagging'] += 1
    }
    return Object.entries(count).map(([state, value]) =>
      sample('quiesce.node.count', value, { 'quiesce.node.state': state }),
    )
  }

  return {
    async observe() {
      const { state } = cluster
      if (options.nodes === false || state.epoch === undefined || state.mode === 'closed') return local(state)
      const now = performance.now()
      if (counted === undefined || now - counted.atMs >= NODES_EVERY_MS) {
        counted = { atMs: now, samples: countNodes(state.epoch).catch(() => []) }
      }
      return [...local(state), ...(await counted.samples)]
    },
    close() {
      for (const stop of stops) stop()
    },
  }
}
