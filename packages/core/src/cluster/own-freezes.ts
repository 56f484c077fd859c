import type { Snapshot } from '../domain/snapshot.ts'
import { compareEpochs } from '../domain/token.ts'
import type { NewFreeze } from '../domain/transition.ts'

/** A freeze that this process has begun, and what tells its holder that it is over. */
export interface OwnFreeze {
  readonly record: NewFreeze
  readonly epoch: string
  readonly lose: () => void
}

/** The freezes of this process, so that their holders hear at once what the node hears. */
export interface OwnFreezes {
  add(own: OwnFreeze): void
  /** Tells the holders of freezes that are not in this state any more. */
  observe(snapshot: Snapshot): void
  /** Tells every holder of a machine freeze that nothing is certain: the state of the cluster was lost. */
  loseAll(): void
}

/** Makes an empty list. */
export function createOwnFreezes(): OwnFreezes {
  const all = new Set<OwnFreeze>()
  return {
    add: (own) => void all.add(own),
    observe({ token, freezes }) {
      for (const own of all) {
        // A state of the epoch in which it began may have been read before it was written.
        if (compareEpochs(token.epoch, own.epoch) <= 0) continue
        if (freezes.some(({ id, nonce }) => id === own.record.id && nonce === own.record.nonce)) continue
        all.delete(own)
        own.lose()
      }
    },
    loseAll() {
      for (const { record, lose } of all) if (record.kind === 'machine') lose()
    },
  }
}
