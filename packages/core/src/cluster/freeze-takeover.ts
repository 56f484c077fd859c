import { randomUUID } from 'node:crypto'
import { momentOf } from '../domain/clock.ts'
import type { FreezeRecord } from '../domain/snapshot.ts'
import type { NewFreeze } from '../domain/transition.ts'
import { advance } from './advance.ts'
import type { Drained } from './drain-cluster.ts'
import { createFenceToken } from './fence-token.ts'
import type { FenceWatch } from './fence-watch.ts'
import type { FenceReport } from './fencer.ts'
import { fenceMark, fenceRequest, planFence } from './freeze-fence.ts'
import type { ResolvedFreezeOptions } from './freeze-options.ts'
import type { FreezerOptions } from './freezer.ts'
import { type End, type HeldFreeze, heldFreeze } from './held-freeze.ts'
import { type Holding, startHolding } from './holding.ts'

/**
 * Makes the freeze of a lost holder this process's own, by compare-and-set: the cluster stays read-only throughout, and
 * whoever knew the old nonce can neither renew nor end it. The fence gets a new token, so the old one's is dead.
 * `undefined` when the freeze is over.
 */
export async function takeFreezeOver(
  context: FreezerOptions,
  wanted: ResolvedFreezeOptions,
  id: string,
  end: End,
): Promise<HeldFreeze | undefined> {
  const { store, clock, options, guarantee, nodeId, own, refresh } = context
  const [nonce, holder, leaseMs] = [randomUUID(), nodeId(), options.freezeLeaseMs]
  const startedAt = momentOf(clock)
  const handover = { id, nonce, holder, leaseMs }
  const { change, snapshot } = await advance(store, { type: 'take-over', handover }, holder)
  const freeze = snapshot.freezes.find((active) => active.id === id)
  if (freeze === undefined || (change === undefined && freeze.nonce !== nonce)) return undefined
  const record = takenOver(freeze, { nonce, holder, leaseMs })
  const epoch = change?.epoch ?? freeze.epoch
  const renew = (): Promise<number | undefined> => store.renewFreeze(id, nonce)
  const holding = startHolding({ clock, leaseMs, what: `freeze ${id}`, renew }, startedAt)
  own.add({ record, epoch, lose: holding.lose })
  try {
    const { fence, token, watch } = await takeFenceOver(context, wanted, { ...freeze, nonce }, holding)
    await refresh()
    const totalMs = clock.monotonicMs() - startedAt.monotonicMs
    const timings = { seenMs: 0, ackedMs: 0, drainedMs: 0, totalMs }
    const drained = { ...nobodyWaitedFor, fence }
    return heldFreeze({ store, guarantee, nodeId, record, holding, epoch, drained, timings, end, token, watch })
  } catch (error) {
    // Not renewed any more, so whoever comes next takes it over in turn.
    holding.release()
    throw error
  }
}

/** Everybody was waited for when it began, and nobody has been let in since. */
const nobodyWaitedFor: Omit<Drained, 'fence'> = {
  answer: { acks: [], lost: [], reporting: [], seenMs: 0, ackedMs: 0 },
  unregistered: 0,
  serverDrained: true,
  drainedMs: 0,
}

interface TakenFence {
  readonly fence: FenceReport
  readonly token: string | undefined
  readonly watch: FenceWatch | undefined
}

async function takeFenceOver(
  context: FreezerOptions,
  wanted: ResolvedFreezeOptions,
  { id, epoch, reason, nonce }: FreezeRecord,
  holding: Holding,
): Promise<TakenFence> {
  const { fences } = context
  const { token, digest } = createFenceToken(id)
  const spec = { ...fenceMark(fences, id, epoch), freezeId: id, reason, nonce, tokenDigest: digest }
  const fence = await fences.fencer.takeOver(spec, fenceRequest(context, wanted))
  if (fence === undefined) {
    const none = { backend: undefined, tables: 0, gaps: [], reason: 'the holder that was lost had none' }
    return { fence: none, token: undefined, watch: undefined }
  }
  const plan = await planFence(context, fences, wanted, fence.backend)
  const shown = fence.refusesHolder === true ? undefined : token
  return { fence, token: shown, watch: plan.possible ? fences.fencer.watch(plan, spec, holding.signal) : undefined }
}

function takenOver(freeze: FreezeRecord, taker: Pick<NewFreeze, 'nonce' | 'holder' | 'leaseMs'>): NewFreeze {
  const { id, kind, reason, owner, exempt, expectedEnd, deadlineRemainingMs, takeoverMs } = freeze
  const kept = { id, kind, reason, owner, exempt, expectedEnd, takeoverMs, deadlineMs: deadlineRemainingMs }
  return { ...kept, ...taker, onHolderLost: 'stay', drainTimeoutMs: 0 }
}
