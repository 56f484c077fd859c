/** How long to wait when the server does not say. */
export interface WaitOptions {
  /** The first wait; each one after it is twice as long. Default 1000. */
  readonly firstDelayMs?: number
  /** The longest wait. Default 30 000. */
  readonly maxDelayMs?: number
}

const ONE_SECOND_MS = 1000
const LONGEST_MS = 30_000
/** Waits are up to this share longer, so that clients do not all come back at once. */
const JITTER = 0.2

/** How long to wait before the next attempt: what the server says (seconds, or a date), or longer each time. */
export function delayBefore(
  attempt: number,
  retryAfter: string | number | undefined,
  { firstDelayMs = ONE_SECOND_MS, maxDelayMs = LONGEST_MS }: WaitOptions,
): number {
  const said = retryAfter === undefined ? undefined : millisecondsOf(String(retryAfter))
  return said ?? Math.min(maxDelayMs, firstDelayMs * 2 ** (attempt - 1) * (1 + JITTER * Math.random()))
}

/** Resolves after a time; rejects with the signal's reason when it aborts first. */
export function waited(ms: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}

function millisecondsOf(retryAfter: string): number | undefined {
  if (/^\d{1,9}(\.\d+)?$/.test(retryAfter)) return Number(retryAfter) * ONE_SECOND_MS
  const date = Date.parse(retryAfter)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}
