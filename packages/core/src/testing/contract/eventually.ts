import { setTimeout as delay } from 'node:timers/promises'
import { QuiesceError } from '../../domain/errors.ts'

/** Waits until `probe` gives something truthy, and says after how many milliseconds. */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  withinMs = 10_000,
): Promise<{ value: T; afterMs: number }> {
  const startedAt = performance.now()
  for (;;) {
    const value = await probe()
    const afterMs = performance.now() - startedAt
    if (value) return { value, afterMs }
    if (afterMs > withinMs) throw new QuiesceError('QUIESCE_ABORTED', `${what} did not happen within ${withinMs} ms`)
    await delay(5)
  }
}
