import type { Clock } from '../domain/clock.ts'
import type { FenceBackend, FenceSpec, StandingFence } from '../domain/fence.ts'
import { type FenceMark, markName, shortFreezeId } from '../domain/fence-mark.ts'
import { distrust } from '../domain/health.ts'
import { type FreezeRecord, isHolderless, type Snapshot } from '../domain/snapshot.ts'
import type { CoordinationStore } from '../domain/store.ts'
import { compareEpochs } from '../domain/token.ts'
import type { EventHub } from './events.ts'
import type { FenceLowering } from './fence-lower.ts'
import { sealFence } from './fence-seal.ts'

/** What a look needs. */
export interface SweepOptions {
  readonly backends: readonly FenceBackend[]
  readonly store: CoordinationStore
  readonly lowering: FenceLowering
  readonly clock: Clock
  readonly events: EventHub
  /** By when a statement of a holder that is gone has reached the server, or never will. */
  readonly lateMs: number
}

/** How many tables the fences had that a look has left standing, by the names of their marks. */
export type FenceSizes = ReadonlyMap<string, number>

/** What one look left standing. */
export interface Swept {
  /** Fences that somebody else may be at, or that are later than the state. */
  readonly waiting: FenceSizes
  /** The latest epoch of the latter. */
  readonly laterEpoch: string | undefined
}

/** What was known before a look. */
export interface SweepMemory {
  /** Fences without a holder whose bypass this node has taken away. */
  readonly sealed: Set<string>
  readonly sizes: FenceSizes
  /** False when a fence that belongs to no freeze is lowered at its first sight. */
  readonly mayWait: boolean
}

interface Found {
  readonly backend: FenceBackend
  readonly fence: StandingFence
}

/**
 * One look at the fences that stand.
 *
 * The catalog is read before the state: the fence of a freeze is raised only after its freeze was written, so a fence that
 * was seen and is not in the later state belongs to none. Unless its epoch is later than the state's: then commits were
 * lost or the state from before its freeze was restored, and it stays until the state has been made anew.
 */
export async function sweep(options: SweepOptions, { sealed, sizes, mayWait }: SweepMemory): Promise<Swept> {
  const standing = await ownFences(options.backends)
  const waiting = new Map<string, number>()
  if (standing.length === 0) return { waiting, laterEpoch: undefined }
  const snapshot = await options.store.read()
  if (!snapshot.primary || distrust(snapshot, undefined) !== undefined) return { waiting, laterEpoch: undefined }
  const later = standing.filter(({ fence }) => compareEpochs(fence.mark.epoch, snapshot.token.epoch) > 0)
  for (const found of standing) {
    const { mark, tables } = found.fence
    const [name, size] = [markName(mark), tables.length]
    const freeze = snapshot.freezes.find((one) => isOf(one, mark))
    const isBeingLowered = mayWait && size < (sizes.get(name) ?? Number.POSITIVE_INFINITY)
    if (later.includes(found) || (freeze === undefined && isBeingLowered)) waiting.set(name, size)
    else if (freeze === undefined) await options.lowering.lower(mark)
    else if (isHolderless(freeze)) await seal(options, sealed, found, freeze)
  }
  return { waiting, laterEpoch: latest(later, snapshot) }
}

async function ownFences(backends: readonly FenceBackend[]): Promise<readonly Found[]> {
  const found = await Promise.all(
    backends.map(async (backend) =>
      (await backend.standing())
        .filter(({ mark }) => mark.scope === backend.scope)
        .map((fence) => ({ backend, fence })),
    ),
  )
  return found.flat()
}

function latest(later: readonly Found[], { token }: Snapshot): string | undefined {
  const epochs = later.map(({ fence }) => fence.mark.epoch)
  return epochs.length === 0 ? undefined : epochs.reduce((a, b) => (compareEpochs(a, b) > 0 ? a : b), token.epoch)
}

/** Once by each node, whoever took the bypass away: that one may have died before it ended the open transactions. */
async function seal(
  { store, clock, events, lateMs }: SweepOptions,
  sealed: Set<string>,
  { backend, fence }: Found,
  freeze: FreezeRecord,
): Promise<void> {
  const key = `${markName(fence.mark)} ${freeze.nonce}`
  if (sealed.has(key)) return
  const [spec, { tables, passable }] = [withoutToken(fence, freeze), fence]
  await sealFence({ backend, store, clock, events, fence: spec, tables, graceMs: lateMs, isRekeyed: !passable })
  sealed.add(key)
}

/** Whether a mark is that of a freeze. */
export function isOf({ id, epoch }: Pick<FreezeRecord, 'id' | 'epoch'>, mark: FenceMark): boolean {
  return mark.epoch === epoch && mark.freeze === shortFreezeId(id)
}

/** For as long as nobody has taken the freeze over. */
function withoutToken({ mark }: StandingFence, { id, reason, nonce }: FreezeRecord): FenceSpec {
  return { ...mark, freezeId: id, reason, nonce, tokenDigest: undefined }
}
