import type { Clock } from '../domain/clock.ts'

/** The machine's clocks, with timers that keep the process alive only while somebody waits. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  schedule(ms, fn, awaited = false) {
    const timer = setTimeout(fn, Math.min(ms, 2_147_483_647))
    if (!awaited) timer.unref()
    return () => clearTimeout(timer)
  },
}
