import type { Clock } from '../domain/clock.ts'
import type { Ending, NewFreeze } from '../domain/transition.ts'
import type { EventHub, FreezeSubject } from './events.ts'
import type { Freeze } from './freeze.ts'
import type { Operations } from './operations.ts'

/** What a watch on freezes is made of. */
export interface FreezeWatchOptions {
  readonly clock: Clock
  readonly events: EventHub
  readonly operations: Operations
}

/** Tells of the freezes that this process makes and ends; changes nothing about them. */
export interface FreezeWatch {
  /** Runs what makes a freeze, and tells of its begin and of how it came out. */
  making<F extends Freeze>(record: NewFreeze, make: () => Promise<F>): Promise<F>
  /** Runs what ends a freeze, and tells of it when that changed anything. */
  ending(ending: Ending, end: () => Promise<boolean>): Promise<boolean>
}

/** Makes the watch of one process. */
export function createFreezeWatch({ clock, events, operations }: FreezeWatchOptions): FreezeWatch {
  const heldSince = new Map<string, number>()
  const heldMs = (id: string): number | undefined => {
    const since = heldSince.get(id)
    heldSince.delete(id)
    return since === undefined ? undefined : clock.monotonicMs() - since
  }

  function held(subject: FreezeSubject, freeze: Freeze): void {
    const { epoch, guarantee, timings, acks, lost, unregistered } = freeze
    events.emit('frozen', { ...subject, epoch, guarantee, timings, acks: acks.length, lost, unregistered })
    const tellLost = (): void => {
      const ms = heldMs(subject.freezeId)
      if (ms !== undefined) events.emit('freeze-lost', { ...subject, heldMs: ms })
    }
    if (freeze.signal.aborted) tellLost()
    else freeze.signal.addEventListener('abort', tellLost, { once: true })
  }

  return {
    making(record, make) {
      const { id: freezeId, kind, reason, owner } = record
      const subject: FreezeSubject = { freezeId, kind, reason, owner }
      return operations.perform('freeze', { ...subject }, async () => {
        const startedAtMs = clock.monotonicMs()
        heldSince.set(freezeId, startedAtMs)
        events.emit('freezing', subject)
        try {
          const freeze = await make()
          held(subject, freeze)
          return freeze
        } catch (error) {
          heldSince.delete(freezeId)
          events.emit('freeze-failed', { ...subject, afterMs: clock.monotonicMs() - startedAtMs, error })
          throw error
        }
      })
    },
    ending({ id, why }, end) {
      return operations.perform('thaw', { freezeId: id, why }, async () => {
        const changed = await end()
        // What was undone was never held: its failure is told where it is thrown.
        if (changed && why !== 'aborted') events.emit('thawed', { freezeId: id, why, heldMs: heldMs(id) })
        return changed
      })
    },
  }
}
