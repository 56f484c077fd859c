import type { Clock } from '../../domain/clock.ts'
import { isQuiesceError } from '../../domain/errors.ts'
import { sleep } from '../sleep.ts'

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 500

/**
 * Does what must be done although the database may be away for a moment: again until it succeeds or `signal` aborts.
 *
 * Errors that another attempt can't mend (a wrong state, a wrong option) are thrown at once.
 */
export async function retryUntil<T>(clock: Clock, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
    try {
      return await attempt()
    } catch (error) {
      if (isFinal(error)) throw error
      if (signal.aborted) throw signal.reason
      await sleep(clock, pauseMs, signal).catch(() => {
        throw signal.reason
      })
    }
  }
}

const passing: ReadonlySet<string> = new Set(['QUIESCE_DATABASE', 'QUIESCE_CONTENDED', 'QUIESCE_STATE_LOST'])

function isFinal(error: unknown): boolean {
  return isQuiesceError(error) && !passing.has(error.kind)
}
