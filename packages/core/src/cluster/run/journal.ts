import type { Cancel, Clock, Moment } from '../../domain/clock.ts'
import type { NewRun, RunCancel, RunStore } from '../../domain/run.ts'
import { progressOf, type RunEvent, type RunState, runTransition } from '../../domain/run-transition.ts'
import { type Holding, startHolding } from '../holding.ts'
import { retryUntil } from './retry-until.ts'

/** What a journal is made of. */
export interface JournalOptions {
  readonly runs: RunStore
  readonly clock: Clock
  readonly run: Pick<NewRun, 'id' | 'nonce' | 'name' | 'leaseMs' | 'state'>
  readonly freezeId: string | undefined
  /** How often the holder tells its progress and looks whether it shall stop. */
  readonly pollMs: number
  readonly grantedAt: Moment
  readonly onCancel: (cancel: RunCancel) => void
}

/** The record of a run in its holder's hands: each step of its way is written before the next one is taken. */
export interface Journal {
  readonly id: string
  readonly nonce: string
  readonly state: RunState
  readonly freezeId: string | undefined
  /** Aborts when the run is not this holder's any more, or nobody can tell. */
  readonly signal: AbortSignal
  /** Set before the way that needs it is written. */
  useFreeze(id: string): void
  /**
   * Writes the next state, again and again while the database does not answer, until the lease is over.
   *
   * @throws the reason of `signal` when the run was lost meanwhile.
   */
  move(event: RunEvent): Promise<void>
  /** How far the running step is, 0 to 1. */
  progress(fraction: number): void
  release(): void
}

/** Opens the journal of a run whose record is this holder's. */
export function openJournal(options: JournalOptions): Journal {
  const { runs, clock, run, pollMs, onCancel } = options
  const { id, nonce, leaseMs } = run
  let { state } = run
  let { freezeId } = options
  let fraction = 0
  let cancelPoll: Cancel = () => {}
  let released = false

  const renew = async (): Promise<number | undefined> => {
    const beat = await runs.beat(id, nonce, progressOf(state, fraction))
    if (beat?.cancel !== undefined) onCancel(beat.cancel)
    return beat?.remainingMs
  }
  const holding: Holding = startHolding(
    { clock, leaseMs, what: `run ${JSON.stringify(run.name)}`, renew },
    options.grantedAt,
  )
  const poll = (): void => {
    cancelPoll = clock.schedule(pollMs, () => {
      holding
        .renew()
        .catch(() => {})
        .finally(() => released || poll())
    })
  }
  poll()
  const release = (): void => {
    released = true
    cancelPoll()
    holding.release()
  }
  return {
    id,
    nonce,
    signal: holding.signal,
    release,
    get state() {
      return state
    },
    get freezeId() {
      return freezeId
    },
    useFreeze(freeze) {
      freezeId = freeze
    },
    async move(event) {
      const next = runTransition(state, event)
      const saved = await retryUntil(clock, holding.signal, () =>
        runs.save(id, nonce, { state: next, freezeId, event: lineOf(event, next) }),
      )
      if (!saved) {
        holding.lose()
        throw holding.signal.reason
      }
      state = next
      fraction = 0
      if (next.phase === 'ended') release()
    },
    progress(value) {
      if (value > fraction) fraction = Math.min(1, value)
    },
  }
}

/** What of a way the audit trail keeps. */
function lineOf(event: RunEvent, { steps }: RunState): { type: string; detail: Readonly<Record<string, unknown>> } {
  switch (event.type) {
    case 'go':
      return { type: 'run-phase', detail: { phase: event.to, error: event.error } }
    case 'step': {
      const { index, status, error } = event
      return { type: 'run-step', detail: { step: steps[index]?.name, status, error } }
    }
    case 'baseline':
      return { type: 'run-baseline', detail: { tables: event.baseline } }
    case 'forced':
      return { type: 'run-forced', detail: { reason: event.reason, findings: event.findings } }
    case 'resume':
      return { type: 'run-resumed', detail: {} }
    case 'end':
      return { type: 'run-ended', detail: { outcome: event.outcome, error: event.error } }
  }
}
