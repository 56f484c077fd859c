import type { Clock } from '../domain/clock.ts'
import type { RunStore } from '../domain/run.ts'
import type { EventHub } from './events.ts'

/** What waiting for proofs needs. */
export interface ProofWaitOptions {
  readonly runs: RunStore
  readonly clock: Clock
  readonly events: EventHub
  /** After this a transaction that stays open holds nothing up any more. */
  readonly patienceMs: number
}

/**
 * Keeps a freeze that has run out from ending while a transaction is open that has proved its run: writes of others and
 * the lost holder's late commit would meet.
 */
export interface ProofWait {
  /** Of these freezes those that have to wait; nobody proves the runs of the others any more. */
  waitFor(freezeIds: readonly string[]): Promise<readonly string[]>
}

/** Makes the wait of one node. */
export function createProofWait({ runs, clock, events, patienceMs }: ProofWaitOptions): ProofWait {
  const sinceMs = new Map<string, number>()
  return {
    async waitFor(freezeIds) {
      for (const id of sinceMs.keys()) if (!freezeIds.includes(id)) sinceMs.delete(id)
      const waiting: string[] = []
      for (const id of freezeIds) {
        if (await runs.closeProofs([id])) continue
        const now = clock.monotonicMs()
        const since = sinceMs.get(id) ?? now
        sinceMs.set(id, since)
        if (now - since < patienceMs) waiting.push(id)
        else
          events.emit('warning', {
            message: `freeze ${id} ends although a transaction of its run is open, whose holder is lost: it may still commit. End it`,
            error: undefined,
          })
      }
      return waiting
    },
  }
}
