import type { Cancel, Clock } from '../../domain/clock.ts'
import { QuiesceError } from '../../domain/errors.ts'
import type { RunCancel } from '../../domain/run.ts'

/** Why a run has to stop although it is still its holder's: the first reason counts. */
export interface Stop {
  readonly signal: AbortSignal
  cancel(cancel: RunCancel): void
  /** Stops the run after `ms`. */
  after(ms: number, what: string): Cancel
  end(): void
}

/** Watches the caller's signal; `name` is the run's. */
export function createStop(clock: Clock, name: string, given: AbortSignal | undefined): Stop {
  const controller = new AbortController()
  const cancels: Cancel[] = []
  const stop = (error: QuiesceError): void => {
    if (!controller.signal.aborted) controller.abort(error)
  }
  const onAbort = (): void => stop(cancelled(name, { by: 'its caller', reason: 'the signal aborted' }, given?.reason))
  if (given?.aborted === true) onAbort()
  given?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    cancel: (cancel) => stop(cancelled(name, cancel, undefined)),
    after(ms, what) {
      const cancel = clock.schedule(ms, () => stop(timedOut(name, what, ms)))
      cancels.push(cancel)
      return cancel
    },
    end() {
      given?.removeEventListener('abort', onAbort)
      for (const cancel of cancels) cancel()
    },
  }
}

function cancelled(name: string, { by, reason }: RunCancel, cause: unknown): QuiesceError {
  return new QuiesceError(
    'QUIESCE_RUN_CANCELLED',
    `The run ${JSON.stringify(name)} was cancelled by ${by}: ${reason}. What it had done was undone as far as its steps say how.`,
    { name, by, reason },
    { cause },
  )
}

/** The error of a run, or a step of it, that took too long. */
export function timedOut(name: string, what: string, ms: number): QuiesceError {
  return new QuiesceError(
    'QUIESCE_RUN_TIMEOUT',
    `The run ${JSON.stringify(name)} was stopped: ${what} took longer than ${ms} ms. Give it more time, or make it shorter; what it had done was undone as far as its steps say how.`,
    { name, what, timeoutMs: ms },
  )
}
