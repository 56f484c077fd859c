import type { CoordinationStore } from '../domain/store.ts'
import type { NodeGate } from './gate.ts'

/** Proves, while the cluster drains, that writes whose outcome nobody knows are not alive in the server any more. */
export interface UnknownWrites {
  /** One look at the server, when there is something to look for. */
  look(): Promise<void>
}

/**
 * The barrier: every transaction that had written when the looking began has ended. A write that was cut off is either
 * among them or was never received.
 */
export function createUnknownWrites(store: CoordinationStore, gate: NodeGate): UnknownWrites {
  let awaited: ReadonlySet<string> | undefined
  let counted = 0
  return {
    async look() {
      const { unknown } = gate.drain()
      if (unknown === 0) {
        awaited = undefined
        return
      }
      if (awaited === undefined) counted = unknown
      const writers = await store.openWriters()
      // Where the server does not tell, an unknown write keeps the node from acking, and the freeze names it.
      if (writers === undefined) return
      const alive = new Set(writers.map(({ id }) => id))
      awaited = new Set([...(awaited ?? alive)].filter((id) => alive.has(id)))
      if (awaited.size > 0) return
      awaited = undefined
      gate.forgetUnknown(counted)
    },
  }
}
