import type { Clock } from '../domain/clock.ts'

/** A clock that only moves when it is told to, for tests of time-outs and leases without waiting. */
export interface FakeClock extends Clock {
  /** Moves both clocks and calls what is due, in order. */
  advance(ms: number): void
  /** Moves the wall clock alone, as when somebody sets it. */
  setWall(ms: number): void
  /** Moves the wall clock alone, as a machine that was suspended finds it. */
  suspend(ms: number): void
}

interface Timer {
  readonly atMs: number
  readonly fn: () => void
}

/** Makes a fake clock that starts at the given wall time. */
export function createFakeClock(startMs: number = Date.UTC(2026, 0, 1)): FakeClock {
  let monotonic = 0
  let wall = startMs
  const timers = new Set<Timer>()
  return {
    monotonicMs: () => monotonic,
    wallMs: () => wall,
    schedule(ms, fn) {
      const timer = { atMs: monotonic + ms, fn }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(ms) {
      const end = monotonic + ms
      for (;;) {
        const [next] = [...timers].filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs)
        if (next === undefined) break
        timers.delete(next)
        wall += Math.max(0, next.atMs - monotonic)
        monotonic = Math.max(monotonic, next.atMs)
        next.fn()
      }
      wall += end - monotonic
      monotonic = end
    },
    setWall(ms) {
      wall = ms
    },
    suspend(ms) {
      wall += ms
    },
  }
}
