import { randomUUID } from 'node:crypto'
import type { FollowerOptions } from './follower-options.ts'

/** The row of one node, under an id that is never used again. */
export interface Registration {
  readonly nodeId: string
  /** Makes the row if there is none. */
  ensure(): Promise<void>
  /** The row is gone: the next one is another node's. */
  forget(): void
  leave(): Promise<void>
}

/** Makes the registration of one process, which has no row yet. */
export function createRegistration({ store, identity }: Pick<FollowerOptions, 'store' | 'identity'>): Registration {
  let nodeId: string = randomUUID()
  let registered = false
  const forget = (): void => {
    registered = false
    nodeId = randomUUID()
  }
  return {
    get nodeId() {
      return nodeId
    },
    async ensure() {
      if (registered) return
      try {
        await store.join({ id: nodeId, ...identity })
        registered = true
      } catch (error) {
        // It may be executed all the same, so the next attempt is another node; what comes of this one has its lease.
        forget()
        throw error
      }
    },
    forget,
    async leave() {
      if (registered) await store.leave(nodeId)
      registered = false
    },
  }
}
