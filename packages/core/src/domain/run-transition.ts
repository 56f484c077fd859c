import { QuiesceError } from './errors.ts'

/** Where a run is. `steps` is entered again after `thaw` when steps are left that need no freeze. */
export type RunPhase = 'enter' | 'preflight' | 'lock' | 'freeze' | 'steps' | 'verify' | 'rollback' | 'thaw' | 'ended'

/** How a run ended. `lost`: its holder died and nobody went on with it. */
export type RunOutcome = 'done' | 'failed' | 'cancelled' | 'timed-out' | 'lost'

/** Where a step is. */
export type StepStatus = 'waiting' | 'running' | 'done' | 'undoing' | 'undone' | 'undo-failed'

/** One step of a run as it is recorded. */
export interface StepState {
  readonly name: string
  /** Its share of the progress. */
  readonly weight: number
  /** Runs after the thaw. */
  readonly afterThaw: boolean
  readonly status: StepStatus
  /** Why its undoing failed. */
  readonly error?: string | undefined
}

/** What is recorded of a run's way. */
export interface RunState {
  readonly phase: RunPhase
  readonly steps: readonly StepState[]
  /** The freeze is over, as it should be; what is left needs none. */
  readonly thawed: boolean
  /** The fingerprints of the protected tables at the freeze; whoever goes on with the run compares with them. */
  readonly baseline?: unknown
  readonly outcome?: RunOutcome | undefined
  /** Why it did not end well. */
  readonly error?: string | undefined
}

/** What happens to a run. */
export type RunEvent =
  /** `error`: why it will not end well, from here on. */
  | { readonly type: 'go'; readonly to: Exclude<RunPhase, 'ended'>; readonly error?: string | undefined }
  | { readonly type: 'step'; readonly index: number; readonly status: StepStatus; readonly error?: string | undefined }
  | { readonly type: 'baseline'; readonly baseline: unknown }
  /** Somebody goes on in spite of what the preflight found. */
  | { readonly type: 'forced'; readonly reason: string; readonly findings: readonly string[] }
  /** Another node goes on: what was interrupted is begun again. */
  | { readonly type: 'resume' }
  | { readonly type: 'end'; readonly outcome: RunOutcome; readonly error?: string | undefined }

/** Every way from one phase to another; whatever is not here is a defect. */
const ways: Readonly<Record<RunPhase, readonly RunPhase[]>> = {
  enter: ['preflight', 'ended'],
  preflight: ['lock', 'ended'],
  lock: ['freeze', 'ended'],
  freeze: ['steps', 'thaw', 'ended'],
  steps: ['verify', 'rollback', 'ended'],
  verify: ['thaw', 'rollback', 'ended'],
  rollback: ['thaw', 'ended'],
  thaw: ['steps', 'ended'],
  ended: [],
}

const stepWays: Readonly<Record<StepStatus, readonly StepStatus[]>> = {
  waiting: ['running'],
  running: ['done', 'undoing'],
  done: ['undoing'],
  undoing: ['undone', 'undo-failed', 'undoing'],
  undone: [],
  'undo-failed': ['undoing'],
}

/** The state of a run at its beginning. */
export function enterRun(steps: readonly Omit<StepState, 'status'>[]): RunState {
  return { phase: 'enter', thawed: false, steps: steps.map((step) => ({ ...step, status: 'waiting' })) }
}

/**
 * The next state of a run.
 *
 * Pure: the holder writes it if the run is still its own.
 *
 * @throws QuiesceError `QUIESCE_RUN_STATE` for a way that no run takes.
 */
export function runTransition(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'go':
      return {
        ...state,
        phase: leave(state.phase, event.to),
        error: event.error ?? state.error,
        thawed: state.thawed || (state.phase === 'thaw' && event.to === 'steps'),
      }
    case 'end':
      return { ...state, phase: leave(state.phase, 'ended'), outcome: event.outcome, error: event.error }
    case 'resume':
      if (state.phase === 'ended') throw noWay('ended', 'resume')
      return { ...state, steps: state.steps.map((step) => ({ ...step, status: resumed(step.status) })) }
    case 'baseline':
      return { ...state, baseline: event.baseline }
    case 'forced':
      return state
    case 'step':
      return { ...state, steps: moved(state, event) }
  }
}

function leave(from: RunPhase, to: RunPhase): RunPhase {
  if (!ways[from].includes(to)) throw noWay(from, to)
  return to
}

function moved(state: RunState, { index, status, error }: Extract<RunEvent, { type: 'step' }>): readonly StepState[] {
  const undoes = status === 'undoing' || status === 'undone' || status === 'undo-failed'
  const step = state.steps[index]
  if (step === undefined || state.phase !== (undoes ? 'rollback' : 'steps')) throw noWay(state.phase, status)
  if (!stepWays[step.status].includes(status)) throw noWay(step.status, status)
  return state.steps.map((other, at) => (at === index ? { ...step, status, error } : other))
}

/** A step that nobody saw the end of is begun again; so is an undoing. */
function resumed(status: StepStatus): StepStatus {
  return status === 'running' ? 'waiting' : status
}

/** 0 to 100: the weight of what is done, with the running step's own fraction; 100 only when the run is done. */
export function progressOf({ phase, outcome, steps }: RunState, fraction: number): number {
  if (phase === 'ended' && outcome === 'done') return 100
  const total = steps.reduce((sum, { weight }) => sum + weight, 0)
  const share = ({ status }: StepState): number => (status === 'done' ? 1 : status === 'running' ? fraction : 0)
  const done = steps.reduce((sum, step) => sum + step.weight * share(step), 0)
  return Math.min(99, Math.floor((100 * done) / total))
}

/** Whether work may have been done under the run's freeze that another node has to finish or to undo. */
export function hasBegunWork({ phase }: Pick<RunState, 'phase'>): boolean {
  return phase === 'steps' || phase === 'verify' || phase === 'rollback' || phase === 'thaw'
}

function noWay(from: string, to: string): QuiesceError {
  return new QuiesceError(
    'QUIESCE_RUN_STATE',
    `A run cannot go from ${from} to ${to}. Its record was altered, or this is a defect of Quiesce; see the audit trail.`,
    { from, to },
  )
}
