import type { Cancel, Clock } from '../domain/clock.ts'
import type { FenceBackend, FenceSpec, StandingFence } from '../domain/fence.ts'
import { type FenceMark, markName, shortFreezeId } from '../domain/fence-mark.ts'
import { distrust } from '../domain/health.ts'
import { type FreezeRecord, isHolderless, type Snapshot } from '../domain/snapshot.ts'
import type { CoordinationStore } from '../domain/store.ts'
import type { EventHub } from './events.ts'
import type { FenceLowering } from './fence-lower.ts'
import { sealFence } from './fence-seal.ts'

/**
 * Finds fences whose freeze is gone: of dead holders, of statements that arrived late, in restored dumps.
 *
 * Whoever ended a freeze lowers its fence, and hundreds of helpers would only be in his way: so a fence is lowered here
 * when it has not become smaller from one look to the next.
 */
export interface FenceJanitor {
  /** Called with each state that the node has read; looks at the catalog only when there is a reason to. */
  observe(snapshot: Snapshot): void
  /** Looks now: this node has just ended the freeze of a dead holder. */
  lookNow(): Promise<void>
  close(): void
}

/** What the janitor needs. */
export interface FenceJanitorOptions {
  readonly backends: readonly FenceBackend[]
  readonly store: CoordinationStore
  readonly lowering: FenceLowering
  readonly clock: Clock
  readonly events: EventHub
  /** By when a statement of a holder that is gone has reached the server, or never will. */
  readonly lateMs: number
  /** Within this time the nodes spread their looks. */
  readonly spreadMs: number
}

const EVERY_MS = 300_000

/** Makes the janitor of one node. */
export function createFenceJanitor(options: FenceJanitorOptions): FenceJanitor {
  const { clock, lateMs, spreadMs, events } = options
  let active: ReadonlySet<string> | undefined
  let cancels: Cancel[] = []
  let looking: Promise<void> | undefined
  let nextRoundAtMs = 0
  const sealed = new Set<string>()
  let sizes: FenceSizes = new Map()
  let closed = false

  const look = (mayWait: boolean): Promise<void> => {
    looking ??= sweep(options, sealed, sizes, mayWait)
      .then((waiting) => {
        sizes = waiting
        if (waiting.size > 0) lookIn(spreadMs * (0.5 + Math.random()))
      })
      .catch((error: unknown) =>
        events.emit('warning', { message: 'looking for fences that were left behind failed; trying again', error }),
      )
      .finally(() => {
        looking = undefined
      })
    return looking
  }
  const lookIn = (ms: number): void => {
    if (!closed) cancels.push(clock.schedule(ms, () => void look(true)))
  }
  const spread = (): number => spreadMs * Math.random()
  return {
    // A look that is under way may have decided to wait.
    lookNow: () => (looking ?? Promise.resolve()).then(() => look(false)),
    observe({ freezes }) {
      const now = clock.monotonicMs()
      const ids = new Set(freezes.map((freeze) => `${freeze.id}${isHolderless(freeze) ? ' kept' : ''}`))
      const isFirst = active === undefined
      const changed =
        [...(active ?? [])].some((id) => !ids.has(id)) ||
        [...ids].some((id) => id.endsWith(' kept') && !active?.has(id))
      active = ids
      if (!isFirst && !changed && now < nextRoundAtMs) return
      nextRoundAtMs = now + EVERY_MS * (0.8 + 0.4 * Math.random())
      for (const cancel of cancels) cancel()
      cancels = []
      lookIn(spread())
      // What a holder had sent before it died may have come after the first look.
      if (changed) lookIn(lateMs + spread())
    },
    close() {
      closed = true
      for (const cancel of cancels) cancel()
    },
  }
}

/** How many tables the fences that belong to no freeze had, by the names of their marks. */
type FenceSizes = ReadonlyMap<string, number>

/**
 * One look. The catalog is read before the state: the fence of a freeze is raised only after its freeze was written, so
 * a fence that was seen and is not in the later state belongs to none. Gives back the ones that somebody else may be at.
 */
async function sweep(
  options: FenceJanitorOptions,
  sealed: Set<string>,
  before: FenceSizes,
  mayWait: boolean,
): Promise<FenceSizes> {
  const { backends, store, lowering, clock, events, lateMs } = options
  const found = await Promise.all(
    backends.map(async (backend) =>
      (await backend.standing())
        .filter(({ mark }) => mark.scope === backend.scope)
        .map((fence) => ({ backend, fence })),
    ),
  )
  const standing = found.flat()
  const waiting = new Map<string, number>()
  if (standing.length === 0) return waiting
  const snapshot = await store.read()
  if (!snapshot.primary || distrust(snapshot, undefined) !== undefined) return waiting
  for (const { backend, fence } of standing) {
    const freeze = snapshot.freezes.find((one) => isOf(one, fence.mark))
    const [name, size] = [markName(fence.mark), fence.tables.length]
    if (freeze === undefined && mayWait && size < (before.get(name) ?? Number.POSITIVE_INFINITY)) {
      waiting.set(name, size)
      continue
    }
    if (freeze === undefined) await lowering.lower(fence.mark)
    else if (isHolderless(freeze)) {
      // Once by each node, whoever took the bypass away: that one may have died before it ended the open transactions.
      const key = `${markName(fence.mark)} ${freeze.nonce}`
      if (sealed.has(key)) continue
      const [spec, { tables, passable }] = [withoutToken(fence, freeze), fence]
      await sealFence({ backend, store, clock, events, fence: spec, tables, graceMs: lateMs, isRekeyed: !passable })
      sealed.add(key)
    }
  }
  return waiting
}

/** Whether a mark is that of a freeze. */
export function isOf({ id, epoch }: Pick<FreezeRecord, 'id' | 'epoch'>, mark: FenceMark): boolean {
  return mark.epoch === epoch && mark.freeze === shortFreezeId(id)
}

/** For as long as nobody has taken the freeze over. */
function withoutToken({ mark }: StandingFence, { id, reason, nonce }: FreezeRecord): FenceSpec {
  return { ...mark, freezeId: id, reason, nonce, tokenDigest: undefined }
}
