import { randomUUID } from 'node:crypto'
import { type Clock, momentOf } from '../domain/clock.ts'
import { QuiesceError } from '../domain/errors.ts'
import { compileExemptions } from '../domain/exemption.ts'
import type { FreezeRecord, Snapshot } from '../domain/snapshot.ts'
import type { CoordinationStore } from '../domain/store.ts'
import type { Ending, NewFreeze } from '../domain/transition.ts'
import { advance } from './advance.ts'
import type { Freeze, FreezeTimings, ThawResult } from './freeze.ts'
import type { ResolvedFreezeOptions } from './freeze-options.ts'
import { type Holding, startHolding } from './holding.ts'
import type { ResolvedOptions } from './options.ts'
import { throwIfAborted } from './sleep.ts'
import { type NodesAnswer, waitForNodes } from './wait-for-nodes.ts'
import { waitForServer } from './wait-for-server.ts'

/** What freezes are made of. */
export interface FreezerOptions {
  readonly store: CoordinationStore
  readonly clock: Clock
  readonly options: ResolvedOptions
  readonly defaultSchema: string | undefined
  readonly nodeId: () => string
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

type End = (ending: Ending) => Promise<ThawResult>

/** Writes the freeze, waits for nodes and server, confirms; undoes everything when any of it fails. */
async function begin(
  context: FreezerOptions,
  options: ResolvedFreezeOptions,
  fresh: NewFreeze,
  end: End,
): Promise<Freeze> {
  const { store, clock, nodeId, refresh } = context
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
    const { answer, drainedMs } = await drainCluster(context, options, epoch, signal)
    const timings = await confirm(context, fresh, holding, { ...answer, drainedMs, startedAtMs: startedAt.monotonicMs })
    return heldFreeze(context, options.kind, fresh, holding, { epoch, answer, timings }, end)
  } catch (error) {
    holding?.release()
    await undo(end, fresh.id, nodeId(), error)
    throw error
  }
}

async function drainCluster(
  context: FreezerOptions,
  options: ResolvedFreezeOptions,
  epoch: string,
  signal: AbortSignal,
): Promise<{ answer: NodesAnswer; drainedMs: number }> {
  const { store, clock, options: cluster, defaultSchema } = context
  const startedAtMs = clock.monotonicMs()
  const timeoutMs = options.ackTimeoutMs
  const answer = await waitForNodes({ store, clock, epoch, timeoutMs, writeBoundMs: cluster.writeBoundMs, signal })
  if (options.awaitServer) {
    const policies = [cluster.exempt, options.exempt].map((exempt) => compileExemptions(exempt, defaultSchema))
    const isExempt = (name: string): boolean => {
      const [schema, table] = [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)]
      return policies.some((policy) => policy.exemptsWholly(table, schema))
    }
    await waitForServer({
      store,
      clock,
      timeoutMs: options.drainTimeoutMs,
      isExempt,
      terminate: options.terminateBlockers,
      signal,
    })
  }
  return { answer, drainedMs: clock.monotonicMs() - startedAtMs }
}

/** Renews and confirms in one compare-and-set, which fails when the lease ran out while the freeze waited. */
async function confirm(
  { store, clock, nodeId, refresh }: FreezerOptions,
  { id, nonce }: NewFreeze,
  holding: Holding,
  times: { seenMs: number; ackedMs: number; drainedMs: number; startedAtMs: number },
): Promise<FreezeTimings> {
  if (!(await holding.renew())) throw ended(id, 'its lease ran out while it waited')
  const { change, snapshot } = await advance(store, { type: 'confirm', id }, nodeId())
  if (change === undefined || !isHeld(snapshot, id, nonce)) throw ended(id, 'somebody ended it while it waited')
  await refresh()
  const { seenMs, ackedMs, drainedMs, startedAtMs } = times
  return { seenMs, ackedMs, drainedMs, totalMs: clock.monotonicMs() - startedAtMs }
}

function heldFreeze(
  { store, nodeId }: FreezerOptions,
  kind: 'machine' | 'operator',
  { id, nonce }: NewFreeze,
  holding: Holding,
  { epoch, answer, timings }: { epoch: string; answer: NodesAnswer; timings: FreezeTimings },
  end: End,
): Freeze {
  // An operator's freeze has no lease from here on.
  if (kind === 'operator') holding.release()
  let thawed: Promise<ThawResult> | undefined
  const thaw = async (): Promise<ThawResult> => {
    holding.release()
    if (!isHeld(await store.read(), id, nonce)) return { changed: false }
    return end({ id, by: nodeId(), why: 'thawed' })
  }
  return {
    id,
    epoch,
    guarantee: 'acknowledged',
    acks: answer.acks,
    lost: answer.lost,
    timings,
    signal: holding.signal,
    get state() {
      return kind === 'operator' && thawed === undefined ? 'held' : holding.state
    },
    async assertHeld() {
      if (!isHeld(await store.read(), id, nonce)) throw ended(id, 'the database says so')
    },
    async extend({ expectedEnd }) {
      if (!(await store.extendFreeze(id, nonce, { expectedEnd }))) throw ended(id, 'the database says so')
    },
    thaw() {
      thawed ??= thaw().catch((error: unknown) => {
        thawed = undefined
        throw error
      })
      return thawed
    },
  }
}

/** The least-tested path everywhere: what it can't reach now, the lease ends. */
async function undo(end: End, id: string, by: string, reason: unknown): Promise<void> {
  const note = reason instanceof Error ? reason.message.slice(0, 300) : undefined
  await end({ id, by, why: 'aborted', note }).catch(() => {})
}

function isHeld(snapshot: Snapshot, id: string, nonce: string): boolean {
  return snapshot.freezes.some((freeze) => freeze.id === id && freeze.nonce === nonce && isAlive(freeze))
}

function isAlive({ kind, phase, leaseRemainingMs, deadlineRemainingMs }: FreezeRecord): boolean {
  if (deadlineRemainingMs !== undefined && deadlineRemainingMs <= 0) return false
  if (kind === 'operator' && phase === 'read-only') return true
  return leaseRemainingMs !== undefined && leaseRemainingMs > 0
}

function epochOf(snapshot: Snapshot, id: string): string {
  const found = snapshot.freezes.find((freeze) => freeze.id === id)
  if (found === undefined) throw ended(id, 'it was ended at once')
  return found.epoch
}

function ended(id: string, why: string): QuiesceError {
  return new QuiesceError(
    'QUIESCE_FREEZE_ENDED',
    `The freeze ${id} does not hold any more: ${why}. Stop the work; writes may be back. The audit trail tells who ended it.`,
    { freezeId: id },
  )
}
