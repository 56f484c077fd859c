import type { Clock } from '../domain/clock.ts'
import type { EventHub } from './events.ts'
import type { Lock } from './lock.ts'
import type { Operations } from './operations.ts'

/** What a watch on locks is made of. */
export interface LockWatchOptions {
  readonly clock: Clock
  readonly events: EventHub
  readonly operations: Operations
}

/** Tells of the locks that this process takes and gives back; changes nothing about them. */
export interface LockWatch {
  /** Runs what takes a lock; `take` calls what it is given when the lock is given back. */
  taking(name: string, take: (onReleased: () => void) => Promise<Lock>): Promise<Lock>
}

/** Makes the watch of one process. */
export function createLockWatch({ clock, events, operations }: LockWatchOptions): LockWatch {
  return {
    taking(name, take) {
      return operations.perform('lock', { name }, async () => {
        const startedAtMs = clock.monotonicMs()
        let over = (_how: 'lock-lost' | 'lock-released'): void => {}
        try {
          const lock = await take(() => over('lock-released'))
          const heldSince = clock.monotonicMs()
          const { token, takenOverFrom } = lock
          events.emit('lock-acquired', { name, token, waitedMs: heldSince - startedAtMs, takenOverFrom })
          over = (how) => {
            over = () => {}
            events.emit(how, { name, token, heldMs: clock.monotonicMs() - heldSince })
          }
          if (lock.signal.aborted) over('lock-lost')
          else lock.signal.addEventListener('abort', () => over('lock-lost'), { once: true })
          return lock
        } catch (error) {
          events.emit('lock-failed', { name, waitedMs: clock.monotonicMs() - startedAtMs, error })
          throw error
        }
      })
    },
  }
}
