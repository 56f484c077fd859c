import { QuiesceError } from '@quiesce/core'
import { duration } from '../output/words.ts'

/** Aborts after a time, until it is ended. */
export function timeLimit(ms: number | undefined): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController()
  const stop = (): void =>
    controller.abort(new QuiesceError('QUIESCE_RUN_TIMEOUT', `The time is over: ${duration(ms)} (--timeout).`))
  const timer = ms === undefined ? undefined : setTimeout(stop, ms)
  return { signal: controller.signal, end: () => clearTimeout(timer) }
}
