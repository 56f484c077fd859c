import type { Cancel } from '../domain/clock.ts'
import { isHolderless, type Snapshot } from '../domain/snapshot.ts'
import { type FenceSizes, type SweepOptions, sweep } from './fence-sweep.ts'

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
  /**
   * The epoch of a fence that is later than the state, as the last look found it: commits were lost, or the state from
   * before its freeze was restored. It stays until the state is later than it.
   */
  readonly laterEpoch: string | undefined
  close(): void
}

/** What the janitor needs. */
export interface FenceJanitorOptions extends SweepOptions {
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
  let laterEpoch: string | undefined
  let closed = false

  const look = (mayWait: boolean): Promise<void> => {
    looking ??= sweep(options, { sealed, sizes, mayWait })
      .then(({ waiting, laterEpoch: later }) => {
        sizes = waiting
        laterEpoch = later
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
    get laterEpoch() {
      return laterEpoch
    },
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
