import { AsyncResource } from 'node:async_hooks'
// The global one is behind a getter, which each statement would go through.
import { performance } from 'node:perf_hooks'
import type { Clock } from '../domain/clock.ts'

const LONGEST_TIMER_MS = 2_147_483_647

// Heartbeats and renewals belong to no caller: without this, each would be a part of the request or trace in which the
// first of them was planned, for as long as the process lives.
const outside = new AsyncResource('quiesce')

/** The machine's clocks, with timers that keep the process alive only while somebody waits. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  schedule(ms, fn, awaited = false) {
    const dueMs = performance.now() + ms
    let timer: NodeJS.Timeout
    const arm = (): void => {
      timer = setTimeout(ring, Math.min(Math.max(0, dueMs - performance.now()), LONGEST_TIMER_MS))
      if (!awaited) timer.unref()
    }
    // Node's timers may be up to a millisecond early by this clock, and none can be longer than 2^31 - 1 ms.
    const ring = (): void => (performance.now() < dueMs ? arm() : outside.runInAsyncScope(fn))
    arm()
    return () => clearTimeout(timer)
  },
}
