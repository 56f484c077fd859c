import type { Clock } from '../domain/clock.ts'
import { isQuiesceError, QuiesceError } from '../domain/errors.ts'

/**
 * Waits on the cluster's clock.
 *
 * @throws QuiesceError `QUIESCE_ABORTED` when `signal` aborts, with its reason as the cause.
 */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  throwIfAborted(signal)
  return new Promise((resolve, reject) => {
    const wake = (): void => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }
    const cancel = clock.schedule(ms, wake, true)
    const onAbort = (): void => {
      cancel()
      reject(abortError(signal))
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** @throws QuiesceError `QUIESCE_ABORTED` when `signal` has aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal)
}

/** What was lost says so itself: a caller who gave no signal would not know which one is meant. */
function abortError(signal: AbortSignal | undefined): QuiesceError {
  const reason: unknown = signal?.reason
  if (isQuiesceError(reason) && reason.kind === 'QUIESCE_LEASE_LOST') return reason
  return new QuiesceError(
    'QUIESCE_ABORTED',
    'The operation was aborted by its signal; what it had begun was undone.',
    {},
    { cause: reason },
  )
}
