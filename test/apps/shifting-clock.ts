import type { Clock } from '@quiesce/core'

/** The machine's clock with a wall clock that is wrong, as on a host without NTP. */
export interface ShiftingClock extends Clock {
  /** Moves the wall clock, as an operator or NTP does. */
  shift(ms: number): void
}

/** Makes a clock that is off by so much. */
export function shiftingClock(offsetMs: number): ShiftingClock {
  let offset = offsetMs
  return {
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now() + offset,
    schedule(ms, fn, awaited = false) {
      const timer = setTimeout(fn, Math.max(0, ms))
      if (!awaited) timer.unref()
      return () => clearTimeout(timer)
    },
    shift(ms) {
      offset += ms
    },
  }
}
