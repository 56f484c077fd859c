import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, ClusterStatus, Freeze, FreezeOptions, NodeRecord, OpenWriter } from '@quiesce/core'
import type { PhaseProgress, Phases } from '../output/phases.ts'
import { ackWords, duration, shortId } from '../output/words.ts'
import { writerWords } from '../output/writer-words.ts'

const LOOK_MS = 150

/** Freezes the cluster and shows, while it waits, how many nodes have acked and who has not. */
export async function freezeWithProgress(cluster: Cluster, options: FreezeOptions, phases: Phases): Promise<Freeze> {
  phases.begin('freeze', `asking the cluster to stop writing: ${options.reason}`)
  const over = new AbortController()
  void watch(cluster, phases, over.signal)
  try {
    const freeze = await cluster.freeze(options)
    over.abort()
    phases.end(frozenWords(freeze), freeze.timings.totalMs)
    return freeze
  } catch (error) {
    over.abort()
    phases.fail()
    throw error
  }
}

async function watch(cluster: Cluster, phases: Phases, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    // Progress is a courtesy; what is wrong, the freeze itself will say.
    const status = await cluster.status().catch(() => undefined)
    const progress = status === undefined ? undefined : freezeProgress(status, cluster.state.nodeId)
    if (progress !== undefined && !over.aborted) phases.progress(progress)
    await sleep(LOOK_MS, undefined, { signal: over }).catch(() => {})
  }
}

/** How far the freeze of this node is; `undefined` while it makes none. */
export function freezeProgress({ freezes, nodes, writers }: ClusterStatus, holder: string): PhaseProgress | undefined {
  const own = freezes.find((freeze) => freeze.holder === holder && freeze.phase === 'draining')
  if (own === undefined) return undefined
  const waiting = nodes.filter((node) => BigInt(node.ackedEpoch) < BigInt(own.epoch))
  const done = nodes.length - waiting.length
  const server = writers.length === 0 ? 'the server' : writers.map(sessionWords).join('; ')
  const whom = waiting.length === 0 ? server : waiting.map(nodeWords).join('; ')
  const words = `${done}/${nodes.length} nodes acked, waiting for ${whom}`
  return { fraction: nodes.length === 0 ? 1 : done / nodes.length, words }
}

/** Without its statement: one line has to hold it. */
function sessionWords({ pid, application, ageMs, tables }: OpenWriter): string {
  return writerWords({ pid, application, ageMs, tables, query: undefined })
}

function nodeWords({ host, pid, status, inFlight, oldest, leaseRemainingMs }: NodeRecord): string {
  if (status !== 'alive') return `${host} pid ${pid} (silent, lease ${duration(Math.max(0, leaseRemainingMs))})`
  return `${host} pid ${pid} (${inFlight} in flight${oldest === undefined ? '' : `, oldest ${oldest}`})`
}

/** What a freeze came to. */
export function frozenWords({ id, guarantee, acks, lost, unregistered, serverDrained }: Freeze): string {
  return [
    `read-only, ${guarantee}: ${ackWords(acks.length)}`,
    ...(lost.length > 0 ? [`${lost.length} lost and waited out`] : []),
    ...(unregistered > 0 ? [`${unregistered} unregistered`] : []),
    ...(serverDrained ? [] : ['server not drained']),
    `freeze ${shortId(id)}`,
  ].join(', ')
}
