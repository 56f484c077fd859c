import type { Clock } from '../domain/clock.ts'
import { CLOCK_RATE_MARGIN } from '../domain/lease.ts'
import type { NodeRecord } from '../domain/node-record.ts'
import type { CoordinationStore } from '../domain/store.ts'
import { AckTimeoutError, DrainTimeoutError, stragglerOf } from '../domain/timeout-errors.ts'
import { compareEpochs } from '../domain/token.ts'
import { sleep } from './sleep.ts'

/** What the wait for the nodes needs. */
export interface NodesWait {
  readonly store: CoordinationStore
  readonly clock: Clock
  readonly epoch: string
  readonly timeoutMs: number
  /** Let nodes that only report answer by having seen the epoch; otherwise one of them fails the wait at once. */
  readonly acceptReporting: boolean
  readonly writeBoundMs: number
  /** A fence follows, which settles writes of unknown outcome: nodes are not waited for because of them. */
  readonly fenceFollows: boolean
  readonly signal: AbortSignal
}

/** How the nodes answered. */
export interface NodesAnswer {
  readonly acks: readonly { readonly nodeId: string; readonly afterMs: number }[]
  /** Nodes that were waited out: their lease ran out before they acked. */
  readonly lost: readonly string[]
  /** Nodes that only report, which go on writing. */
  readonly reporting: readonly string[]
  /** When the last node had stopped admitting writes. */
  readonly seenMs: number
  /** When the last node had nothing in flight. */
  readonly ackedMs: number
}

const FIRST_LOOK_MS = 10
const LAST_LOOK_MS = 250

/**
 * Waits until each node has acked the epoch, or its lease has been over for the clock margin and the longest life of a
 * write.
 *
 * @throws AckTimeoutError naming live nodes that have not seen the epoch, or nodes that only report.
 * @throws DrainTimeoutError naming nodes that have seen it and still have writes in flight.
 */
export async function waitForNodes(wait: NodesWait): Promise<NodesAnswer> {
  const { store, clock, timeoutMs, signal } = wait
  const startedAt = clock.monotonicMs()
  const tally = createTally(wait)
  for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(LAST_LOOK_MS, pauseMs * 1.3)) {
    const nodes = await store.nodes()
    const elapsedMs = clock.monotonicMs() - startedAt
    const { waiting, unseen, reporting } = tally.count(nodes, elapsedMs)
    if (reporting.length > 0 && !wait.acceptReporting) throw new AckTimeoutError(elapsedMs, reporting.map(stragglerOf))
    if (waiting.length === 0) return tally.answer(nodes, elapsedMs)
    if (elapsedMs >= timeoutMs) {
      if (unseen.length > 0) throw new AckTimeoutError(elapsedMs, unseen.map(stragglerOf))
      throw new DrainTimeoutError(elapsedMs, waiting.map(stragglerOf), [])
    }
    await sleep(clock, Math.min(pauseMs, Math.max(1, timeoutMs - elapsedMs)), signal)
  }
}

interface Tally {
  /** Nodes that have not answered, of them those that have not even seen the epoch, and those that will never ack. */
  count(
    nodes: readonly NodeRecord[],
    elapsedMs: number,
  ): { waiting: readonly NodeRecord[]; unseen: readonly NodeRecord[]; reporting: readonly NodeRecord[] }
  answer(nodes: readonly NodeRecord[], elapsedMs: number): NodesAnswer
}

/** Remembers who acked when, and when nobody was left who had not seen the epoch. */
function createTally({ epoch, writeBoundMs, fenceFollows }: NodesWait): Tally {
  const hasAcked = ({ ackedEpoch, seenEpoch, inFlight }: NodeRecord): boolean =>
    reached(ackedEpoch, epoch) || (fenceFollows && reached(seenEpoch, epoch) && inFlight === 0)
  const hasAnswered = (node: NodeRecord): boolean =>
    node.enforcement === 'report' ? reached(node.seenEpoch, epoch) : hasAcked(node)
  const acked = new Map<string, number>()
  const waitedFor = new Set<string>()
  const reporters = new Set<string>()
  let seenMs: number | undefined
  return {
    count(nodes, elapsedMs) {
      const relevant = nodes.filter((node) => !isWaitedOut(node, writeBoundMs))
      const reporting = relevant.filter(({ enforcement }) => enforcement === 'report')
      for (const { id } of reporting) reporters.add(id)
      for (const node of relevant) {
        waitedFor.add(node.id)
        if (node.enforcement !== 'report' && hasAcked(node) && !acked.has(node.id)) acked.set(node.id, elapsedMs)
      }
      const waiting = relevant.filter((node) => !hasAnswered(node))
      const unseen = waiting.filter(({ seenEpoch }) => !reached(seenEpoch, epoch))
      if (unseen.length === 0) seenMs ??= elapsedMs
      return { waiting, unseen, reporting }
    },
    answer(nodes, elapsedMs) {
      const acks = [...acked].map(([nodeId, afterMs]) => ({ nodeId, afterMs }))
      const lost = nodes.map(({ id }) => id).filter((id) => waitedFor.has(id) && !acked.has(id) && !reporters.has(id))
      return { acks, lost, reporting: [...reporters], seenMs: seenMs ?? elapsedMs, ackedMs: elapsedMs }
    },
  }
}

function reached(epoch: string, wanted: string): boolean {
  return compareEpochs(epoch, wanted) >= 0
}

function isWaitedOut({ leaseMs, leaseRemainingMs }: NodeRecord, writeBoundMs: number): boolean {
  return leaseRemainingMs + leaseMs * CLOCK_RATE_MARGIN + writeBoundMs <= 0
}
