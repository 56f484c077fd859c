import { randomUUID } from 'node:crypto'
import { momentOf } from '../domain/clock.ts'
import type { Guarantee } from '../domain/guarantee.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import type { Ending, NewFreeze } from '../domain/transition.ts'
import { advance } from './advance.ts'
import { type DrainContext, drainCluster } from './drain-cluster.ts'
import type { Freeze, FreezeTimings, ThawResult } from './freeze.ts'
import type { ResolvedFreezeOptions } from './freeze-options.ts'
import { type End, freezeEnded, heldFreeze, isHeld } from './held-freeze.ts'
import { type Holding, startHolding } from './holding.ts'
import { throwIfAborted } from './sleep.ts'

/** What freezes are made of. */
export interface FreezerOptions extends DrainContext {
  readonly nodeId: () => string
  readonly guarantee: Guarantee
  /** The state was changed by this process: looks at it, so that the local gate follows before the caller goes on. */
  readonly refresh: () => Promise<void>
}

/** Freezes and thaws the cluster. */
export interface Freezer {
  freeze(options: ResolvedFreezeOptions, defaultOwner: string): Promise<Freeze>
  /** Ends a freeze by its id. */
  end(ending: Ending): Promise<ThawResult>
  /** Thaws the machine freezes that this process holds. */
  thawOwn(): Promise<void>
}

/** Makes the freezer of one process. */
export function createFreezer(context: FreezerOptions): Freezer {
  const held = new Set<Freeze>()
  const end = async (ending: Ending): Promise<ThawResult> => {
    const { change } = await advance(context.store, { type: 'end', ending }, context.nodeId())
    await context.refresh()
    return { changed: change !== undefined }
  }
  return {
    end,
    async freeze(options, defaultOwner) {
      const freeze = await begin(context, options, newFreeze(context, options, defaultOwner), end)
      if (options.kind === 'machine') held.add(freeze)
      return freeze
    },
    async thawOwn() {
      await Promise.allSettled([...held].map((freeze) => freeze.thaw()))
      held.clear()
    },
  }
}

function newFreeze(
  { options: cluster, nodeId }: FreezerOptions,
  options: ResolvedFreezeOptions,
  defaultOwner: string,
): NewFreeze {
  return {
    id: randomUUID(),
    nonce: randomUUID(),
    kind: options.kind,
    reason: options.reason,
    owner: options.owner ?? defaultOwner,
    holder: nodeId(),
    exempt: options.exempt,
    onHolderLost: options.onHolderLost,
    leaseMs: cluster.freezeLeaseMs,
    drainTimeoutMs: options.drainTimeoutMs,
    deadlineMs: options.maxFreezeMs,
    expectedEnd: options.expectedEnd,
  }
}

/** Writes the freeze, waits for nodes and server, confirms; undoes everything when any of it fails. */
async function begin(
  context: FreezerOptions,
  options: ResolvedFreezeOptions,
  fresh: NewFreeze,
  end: End,
): Promise<Freeze> {
  const { store, clock, guarantee, nodeId, refresh } = context
  const startedAt = momentOf(clock)
  throwIfAborted(options.signal)
  const renew = (): Promise<number | undefined> => store.renewFreeze(fresh.id, fresh.nonce)
  let holding: Holding | undefined
  try {
    const begun = await advance(store, { type: 'begin', freeze: fresh }, nodeId())
    holding = startHolding({ clock, leaseMs: fresh.leaseMs, what: `freeze ${fresh.id}`, renew }, startedAt)
    void refresh()
    const epoch = begun.change?.epoch ?? epochOf(begun.snapshot, fresh.id)
    const signal = options.signal === undefined ? holding.signal : AbortSignal.any([holding.signal, options.signal])
    const drained = await drainCluster(context, options, epoch, signal)
    const { answer, drainedMs } = drained
    const timings = await confirm(context, fresh, holding, { ...answer, drainedMs, startedAtMs: startedAt.monotonicMs })
    return heldFreeze({ store, guarantee, nodeId, record: fresh, holding, epoch, drained, timings, end })
  } catch (error) {
    holding?.release()
    await undo(end, fresh.id, nodeId(), error)
    throw error
  }
}

/** Renews and confirms in one compare-and-set, which fails when the lease ran out while the freeze waited. */
async function confirm(
  { store, clock, nodeId, refresh }: FreezerOptions,
  { id, nonce }: NewFreeze,
  holding: Holding,
  times: { seenMs: number; ackedMs: number; drainedMs: number; startedAtMs: number },
): Promise<FreezeTimings> {
  if (!(await holding.renew())) throw freezeEnded(id, 'its lease ran out while it waited')
  const { change, snapshot } = await advance(store, { type: 'confirm', id }, nodeId())
  if (change === undefined || !isHeld(snapshot, id, nonce)) throw freezeEnded(id, 'somebody ended it while it waited')
  await refresh()
  const { seenMs, ackedMs, drainedMs, startedAtMs } = times
  return { seenMs, ackedMs, drainedMs, totalMs: clock.monotonicMs() - startedAtMs }
}

/** The least-tested path everywhere: what it can't reach now, the lease ends. */
async function undo(end: End, id: string, by: string, reason: unknown): Promise<void> {
  const note = reason instanceof Error ? reason.message.slice(0, 300) : undefined
  await end({ id, by, why: 'aborted', note }).catch(() => {})
}

function epochOf(snapshot: Snapshot, id: string): string {
  const found = snapshot.freezes.find((freeze) => freeze.id === id)
  if (found === undefined) throw freezeEnded(id, 'it was ended at once')
  return found.epoch
}
