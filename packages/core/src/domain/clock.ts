/** Cancels a scheduled call; harmless after it ran. */
export type Cancel = () => void

/** Time as the cluster sees it; replaced by a fake in tests. */
export interface Clock {
  /** Milliseconds that never go backwards; they may stand still while the machine is suspended. */
  monotonicMs(): number
  /** Milliseconds since 1970; may jump. */
  wallMs(): number
  /** Calls `fn` once after `ms`; the timer keeps the process alive only when somebody waits for it (`awaited`). */
  schedule(ms: number, fn: () => void, awaited?: boolean): Cancel
}

/** A moment read from both clocks. */
export interface Moment {
  readonly monotonicMs: number
  readonly wallMs: number
}

/** Reads both clocks. */
export function momentOf(clock: Clock): Moment {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() }
}
