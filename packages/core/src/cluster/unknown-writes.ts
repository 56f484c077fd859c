import type { Clock } from '../domain/clock.ts'
import type { CoordinationStore } from '../domain/store.ts'
import type { UnknownWrite } from './drain.ts'
import type { NodeGate } from './node-gate.ts'

/** Proves that writes whose outcome nobody knows are not alive in the server any more. */
export interface UnknownWrites {
  /** One look at the server, when there is something to look for. */
  look(): Promise<void>
}

interface Barrier {
  readonly writes: readonly UnknownWrite[]
  /** Transactions that had written when the looking began and have not ended. */
  readonly alive: ReadonlySet<string>
}

/**
 * The barrier: every transaction that had written when the looking began has ended. It begins when the writes are
 * `writeBoundMs` old, so that bytes which were still on their way have arrived; later ones only the fence can stop.
 */
export function createUnknownWrites(
  store: CoordinationStore,
  gate: NodeGate,
  clock: Clock,
  writeBoundMs: number,
): UnknownWrites {
  let barrier: Barrier | undefined
  return {
    async look() {
      const oldEnough = clock.monotonicMs() - writeBoundMs
      const writes = barrier?.writes ?? gate.unknownWrites().filter(({ atMs }) => atMs <= oldEnough)
      if (writes.length === 0) return
      const writers = await store.openWriters()
      // Where the server does not tell, an unknown write keeps the node from acking, and the freeze names it.
      if (writers === undefined) return
      const now = new Set(writers.map(({ id }) => id))
      const alive = new Set([...(barrier?.alive ?? now)].filter((id) => now.has(id)))
      barrier = alive.size > 0 ? { writes, alive } : undefined
      if (barrier === undefined) gate.forgetUnknown(writes)
    },
  }
}
