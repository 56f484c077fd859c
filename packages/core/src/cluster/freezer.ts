import { randomUUID } from 'node:crypto'
import { momentOf } from '../domain/clock.ts'
import type { Guarantee } from '../domain/guarantee.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import type { Ending, NewFreeze } from '../domain/transition.ts'
import { advance } from './advance.ts'
import { type DrainContext, drainCluster } from './drain-cluster.ts'
import type { Freeze, FreezeTimings, ThawResult } from './freeze.ts'
import { type FenceParts, type FreezeFence, fenceMark, freezeFence, planFence } from './freeze-fence.ts'
import type { ResolvedFreezeOptions } from './freeze-options.ts'
import { takeFreezeOver } from './freeze-takeover.ts'
import type { FreezeWatch } from './freeze-watch.ts'
import { type End, freezeEnded, type HeldFreeze, heldFreeze, isHeld } from './held-freeze.ts'
import { type Holding, startHolding } from './holding.ts'
import type { OwnFreezes } from './own-freezes.ts'
import { throwIfAborted } from './sleep.ts'

/** What freezes are made of. */
export interface FreezerOptions extends DrainContext {
  readonly nodeId: () => string
  readonly own: OwnFreezes
  readonly fences: FenceParts
  readonly guarantee: Guarantee
  readonly watch: FreezeWatch
  /** The state was changed by this process: looks at it, so that the local gate follows before the caller goes on. */
  readonly refresh: () => Promise<void>
}

/** What a run knows of its freeze before it begins. */
export interface FreezeForRun {
  readonly id: string
  /** How long the freeze waits for another holder; `undefined`: it does not. */
  readonly takeoverMs: number | undefined
}

/** Freezes and thaws the cluster. */
export interface Freezer {
  freeze(options: ResolvedFreezeOptions, defaultOwner: string, forRun?: FreezeForRun): Promise<HeldFreeze>
  /** Goes on with the freeze of a lost holder without a gap; `undefined` when it is over. */
  takeOver(id: string, options: ResolvedFreezeOptions): Promise<HeldFreeze | undefined>
  /** Ends a freeze by its id. */
  end(ending: Ending): Promise<ThawResult>
  /** Thaws the machine freezes that this process holds, and aborts those that are being made. */
  thawOwn(): Promise<void>
}

/** Makes the freezer of one process. */
export function createFreezer(context: FreezerOptions): Freezer {
  const frozen = new Set<Freeze>()
  const making = new Set<Promise<unknown>>()
  const closing = new AbortController()
  const { fences } = context
  const end = async (ending: Ending): Promise<ThawResult> => {
    const changed = await context.watch.ending(ending, async () => {
      const { change, snapshot } = await advance(context.store, { type: 'end', ending }, context.nodeId())
      const ended = snapshot.freezes.find(({ id }) => id === ending.id)
      // The state first: whoever reads it finds what is left of the fence, and nobody lowers the fence of an active freeze.
      if (ended !== undefined) await fences.lowering?.lower(fenceMark(fences, ended.id, ended.epoch), ended.id)
      await context.refresh()
      return change !== undefined
    })
    return { changed }
  }
  const make = async (options: ResolvedFreezeOptions, fresh: NewFreeze): Promise<HeldFreeze> => {
    const signals = [closing.signal, ...(options.signal === undefined ? [] : [options.signal])]
    const signal = AbortSignal.any(signals)
    const freeze = await context.watch.making(fresh, () =>
      begin(context, { ...options, signal }, fresh, end, closing.signal),
    )
    if (options.kind === 'machine') frozen.add(freeze)
    return freeze
  }
  return {
    end,
    freeze(options, defaultOwner, forRun) {
      const promise = make(options, { ...newFreeze(context, options, defaultOwner), ...forRun })
      making.add(promise)
      promise.finally(() => making.delete(promise)).catch(() => {})
      return promise
    },
    async takeOver(id, options) {
      const freeze = await takeFreezeOver(context, options, id, end)
      if (freeze !== undefined) frozen.add(freeze)
      return freeze
    },
    async thawOwn() {
      closing.abort()
      await Promise.allSettled(making)
      await Promise.allSettled([...frozen].map((freeze) => freeze.thaw()))
      frozen.clear()
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
    tables: Object.values(options.tables).some((names) => names !== undefined) ? options.tables : undefined,
  }
}

/** Writes the freeze, waits for nodes and server, confirms; undoes everything when any of it fails. */
async function begin(
  context: FreezerOptions,
  options: ResolvedFreezeOptions,
  fresh: NewFreeze,
  end: End,
  closing: AbortSignal,
): Promise<HeldFreeze> {
  const { store, clock, guarantee, nodeId, refresh } = context
  const startedAt = momentOf(clock)
  throwIfAborted(options.signal)
  const plan = await planFence(context, context.fences, options)
  const renew = (): Promise<number | undefined> => store.renewFreeze(fresh.id, fresh.nonce)
  // Somebody ended it, or this process goes: what looks after the fence must not raise it again.
  const over = new AbortController()
  let holding: Holding | undefined
  let fence: FreezeFence | undefined
  try {
    const begun = await advance(store, { type: 'begin', freeze: fresh }, nodeId())
    holding = startHolding({ clock, leaseMs: fresh.leaseMs, what: `freeze ${fresh.id}`, renew }, startedAt)
    void refresh()
    const epoch = begun.change?.epoch ?? epochOf(begun.snapshot, fresh.id)
    const { lose } = holding
    const onLost = (): void => {
      lose()
      over.abort()
    }
    context.own.add({ record: fresh, epoch, lose: onLost })
    const signal = options.signal === undefined ? holding.signal : AbortSignal.any([holding.signal, options.signal])
    fence = freezeFence(context.fences, plan, fresh, epoch)
    const drained = await drainCluster(context, options, epoch, signal, fence.drain)
    const { answer, drainedMs } = drained
    const timings = await confirm(context, fresh, holding, { ...answer, drainedMs, startedAtMs: startedAt.monotonicMs })
    const { token } = fence
    const watch = fence.watch(AbortSignal.any([holding.signal, over.signal, closing]))
    return heldFreeze({ store, guarantee, nodeId, record: fresh, holding, epoch, drained, timings, end, token, watch })
  } catch (error) {
    holding?.release()
    await undo(context, end, fresh, error)
    // Also when somebody else ended it while the fence was being raised.
    await fence?.lower()
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

/**
 * Ends what was begun; at once, or, when the database does not answer, in the background for as long as a statement that
 * was given up may still be executed there.
 */
async function undo(context: FreezerOptions, end: End, { id, leaseMs }: NewFreeze, reason: unknown): Promise<void> {
  const { clock, nodeId, logger } = context
  const note = reason instanceof Error ? reason.message.slice(0, 300) : undefined
  const attempt = (): Promise<unknown> => end({ id, by: nodeId(), why: 'aborted', note })
  if (
    await attempt().then(
      () => true,
      () => false,
    )
  )
    return
  const until = clock.monotonicMs() + 2 * leaseMs
  const again = (): void => {
    clock.schedule(UNDO_PAUSE_MS, () => {
      attempt().catch((error: unknown) =>
        logger.warn({ err: error, freezeId: id }, 'a freeze that failed could not be undone yet'),
      )
      if (clock.monotonicMs() < until) again()
    })
  }
  again()
}

const UNDO_PAUSE_MS = 1000

function epochOf(snapshot: Snapshot, id: string): string {
  const found = snapshot.freezes.find((freeze) => freeze.id === id)
  if (found === undefined) throw freezeEnded(id, 'it was ended at once')
  return found.epoch
}
