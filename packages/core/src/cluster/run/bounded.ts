import type { Clock } from '../../domain/clock.ts'

/**
 * Waits for work that was given `signal`. When that aborts, the work gets `stopMs` to end by itself; then it is left
 * alone.
 *
 * @throws what the work throws, or the signal's reason when that aborted.
 */
export async function bounded<T>(
  clock: Clock,
  signal: AbortSignal,
  stopMs: number,
  work: () => T | Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const running = (async () => work())()
  const { promise: stopped, cancel } = whenStopped(clock, signal, stopMs)
  try {
    const value = await Promise.race([running, stopped])
    // Work that ended although it was told to stop has not done less for that, but the run does not go on.
    signal.throwIfAborted()
    return value
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw error
  } finally {
    cancel()
    running.catch(() => {})
  }
}

function whenStopped(
  clock: Clock,
  signal: AbortSignal,
  stopMs: number,
): { promise: Promise<never>; cancel: () => void } {
  let cancel = (): void => {}
  const promise = new Promise<never>((_, reject) => {
    let cancelTimer = (): void => {}
    const onAbort = (): void => {
      cancelTimer = clock.schedule(stopMs, () => reject(signal.reason), true)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    cancel = () => {
      signal.removeEventListener('abort', onAbort)
      cancelTimer()
    }
  })
  promise.catch(() => {})
  return { promise, cancel }
}
