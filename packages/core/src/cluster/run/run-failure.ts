import { isQuiesceError, QuiesceError } from '../../domain/errors.ts'
import type { Finding } from '../../domain/preflight.ts'
import type { RunOutcome } from '../../domain/run-transition.ts'
import type { Journal } from './journal.ts'

/** An error in words that fit into a record. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 2000)
}

/** A run that was failing when its holder died goes on failing. */
export function earlierFailure(name: string, journal: Journal): unknown {
  const { error } = journal.state
  if (error === undefined) return undefined
  const message = `The run ${JSON.stringify(name)} had failed before its holder was lost: ${error}`
  return new QuiesceError('QUIESCE_RUN_FAILED', message, { runId: journal.id, name })
}

/** What is told of a run that failed. */
interface FailedRun {
  readonly name: string
  readonly journal: Journal
  readonly findings: readonly Finding[]
}

/** Errors of the database; what became of the steps that had begun by then is more than they can say. */
const ofDatabase: ReadonlySet<string> = new Set(['QUIESCE_DATABASE', 'QUIESCE_CONTENDED'])

/** What the caller gets of a run that failed first in that phase: ours as it is, anything else with what became of the steps. */
export function failed(
  { name, journal, findings }: FailedRun,
  failure: unknown,
  phase: Journal['state']['phase'] | undefined,
): unknown {
  const { steps } = journal.state
  const hasBegun = phase === 'steps' || phase === 'verify'
  if (isQuiesceError(failure) && !(hasBegun && ofDatabase.has(failure.kind))) return failure
  const undone = steps.filter(({ status }) => status === 'undone').map(({ name }) => name)
  const notUndone = steps.filter(({ status }) => status === 'undo-failed').map(({ name, error }) => ({ name, error }))
  const tale =
    notUndone.length === 0 ? '' : ` Not undone: ${notUndone.map(({ name }) => name).join(', ')}; see to it by hand.`
  return new QuiesceError(
    'QUIESCE_RUN_FAILED',
    `The run ${JSON.stringify(name)} failed: ${messageOf(failure)}. The writes are back; undone: ${undone.join(', ') || 'nothing'}.${tale}`,
    { runId: journal.id, name, undone, notUndone, findings },
    { cause: failure },
  )
}

/** How a run ended, by what it failed with. */
export function outcomeOf(failure: unknown): RunOutcome {
  if (failure === undefined) return 'done'
  if (isQuiesceError(failure) && failure.kind === 'QUIESCE_RUN_CANCELLED') return 'cancelled'
  return isQuiesceError(failure) && failure.kind === 'QUIESCE_RUN_TIMEOUT' ? 'timed-out' : 'failed'
}
