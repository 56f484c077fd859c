import type { Cancel, Clock } from '../domain/clock.ts'
import type { FenceBackend, FenceSpec, StandingFence } from '../domain/fence.ts'
import { type FenceMark, markName, shortFreezeId } from '../domain/fence-mark.ts'
import { distrust } from '../domain/health.ts'
import { type FreezeRecord, isHolderless, type Snapshot } from '../domain/snapshot.ts'
import type { CoordinationStore } from '../domain/store.ts'
import type { EventHub } from './events.ts'
import type { FenceLowering } from './fence-lower.ts'
import { sealFence } from './fence-seal.ts'

/** Finds fences whose freeze is gone: of dead holders, of statements that arrived late, in restored dumps. */
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

  const look = (): Promise<void> => {
    looking ??= sweep(options, sealed)
      .catch((error: unknown) =>
        events.emit('warning', { message: 'looking for fences that were left behind failed; trying again', error }),
      )
      .finally(() => {
        looking = undefined
      })
    return looking
  }
  const lookIn = (ms: number): void => void cancels.push(clock.schedule(ms, () => void look()))
  const spread = (): number => spreadMs * Math.random()
  return {
    lookNow: look,
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
      for (const cancel of cancels) cancel()
    },
  }
}

/**
 * One look. The catalog is read before the state: the fence of a freeze is raised only after its freeze was written, so
 * a fence that was seen and is not in the later state belongs to none.
 */
async function sweep(options: FenceJanitorOptions, sealed: Set<string>): Promise<void> {
  const { backends, store, lowering, clock, events, lateMs } = options
  const found = await Promise.all(
    backends.map(async (backend) =>
      (await backend.standing())
        .filter(({ mark }) => mark.scope === backend.scope)
        .map((fence) => ({ backend, fence })),
    ),
  )
  const standing = found.flat()
  if (standing.length === 0) return
  const snapshot = await store.read()
  if (!snapshot.primary || distrust(snapshot, undefined) !== undefined) return
  for (const { backend, fence } of standing) {
    const freeze = snapshot.freezes.find((one) => isOf(one, fence.mark))
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
}

/** Whether a mark is that of a freeze. */
export function isOf({ id, epoch }: Pick<FreezeRecord, 'id' | 'epoch'>, mark: FenceMark): boolean {
  return mark.epoch === epoch && mark.freeze === shortFreezeId(id)
}

/** For as long as nobody has taken the freeze over. */
function withoutToken({ mark }: StandingFence, { id, reason, nonce }: FreezeRecord): FenceSpec {
  return { ...mark, freezeId: id, reason, nonce, tokenDigest: undefined }
}
