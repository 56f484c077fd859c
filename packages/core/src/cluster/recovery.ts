import { type Clock, type Moment, momentOf } from '../domain/clock.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import type { CoordinationStore } from '../domain/store.ts'
import { compareEpochs } from '../domain/token.ts'
import { expiredIn } from '../domain/transition.ts'
import { advance } from './advance.ts'
import type { EventHub } from './events.ts'
import type { FenceJanitor } from './fence-janitor.ts'
import { createProofWait } from './proof-wait.ts'

/** What a recovery is made of. */
export interface RecoveryOptions {
  readonly store: CoordinationStore
  readonly clock: Clock
  readonly events: EventHub
  /** Finds fences that were left behind; `undefined` where there are none. */
  readonly fences: FenceJanitor | undefined
  readonly lockDelayMs: number
  readonly freezeLeaseMs: number
  /** Nodes that have been lost for this long are removed. */
  readonly reapAfterMs: number
}

/** What every node does for the others: lifts what dead holders left, and re-establishes a state that was lost. */
export interface Recovery {
  /** Looks for leases and deadlines that ran out. */
  afterBeat(snapshot: Snapshot, nodeId: string): Promise<void>
  /** The state can't be believed. After a holder's lease, in which every holder learns of it, it is made anew. */
  stateLost(nodeId: string, seenEpoch: string): Promise<void>
  /** The state is believable again. */
  stateFound(): void
}

/** As long as a client may hang with a transaction that has proved its run, where the server can end it. */
const PROOF_LEASES = 4

/** Makes the recovery of one node. */
export function createRecovery(options: RecoveryOptions): Recovery {
  const { store, clock, events, fences, lockDelayMs, freezeLeaseMs, reapAfterMs } = options
  const proofs = createProofWait({ runs: store.runs, clock, events, patienceMs: PROOF_LEASES * freezeLeaseMs })
  let lostSince: Moment | undefined
  let behindSince: Moment | undefined
  let reapedAtMs = clock.monotonicMs()

  /** Makes the state anew once it could have been believed by every holder for a lease. */
  async function adopt(since: Moment, nodeId: string, seenEpoch: string): Promise<void> {
    if (clock.monotonicMs() - since.monotonicMs < freezeLeaseMs) return
    await store.ensureCluster()
    await advance(store, { type: 'adopt', by: nodeId, seenEpoch }, nodeId)
  }

  /** No node remembers what a fence shows that is later than the state: that it was set back. */
  async function adoptWhenSetBack({ token }: Snapshot, nodeId: string): Promise<void> {
    const later = fences?.laterEpoch
    const isSetBack = later !== undefined && compareEpochs(later, token.epoch) > 0
    behindSince = isSetBack ? (behindSince ?? momentOf(clock)) : undefined
    if (isSetBack && behindSince !== undefined) await adopt(behindSince, nodeId, later)
  }

  return {
    async afterBeat(snapshot, nodeId) {
      fences?.observe(snapshot)
      const { late, dropped, staying } = expiredIn(snapshot, lockDelayMs)
      if (late.length + dropped.length + staying.length > 0) {
        const waiting = await proofs.waitFor([...late, ...dropped].map(({ id }) => id))
        const { change } = await advance(store, { type: 'expire', by: nodeId, lockDelayMs, waiting }, nodeId)
        const freezeIds =
          change === undefined ? [] : [...change.end, ...change.hand].map(({ id }) => id).concat(change.keep)
        if (freezeIds.length > 0) events.emit('takeover', { freezeIds })
        if (change !== undefined) void fences?.lookNow()
      }
      await adoptWhenSetBack(snapshot, nodeId)
      if (clock.monotonicMs() - reapedAtMs < reapAfterMs) return
      reapedAtMs = clock.monotonicMs()
      await store.reap(reapAfterMs)
    },

    async stateLost(nodeId, seenEpoch) {
      lostSince ??= momentOf(clock)
      await adopt(lostSince, nodeId, seenEpoch)
    },

    stateFound() {
      lostSince = undefined
    },
  }
}
