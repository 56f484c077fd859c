import { randomUUID } from 'node:crypto'
import type { Cancel, Clock } from '../../domain/clock.ts'
import { isQuiesceError, QuiesceError } from '../../domain/errors.ts'
import type { Finding } from '../../domain/preflight.ts'
import type { StepState } from '../../domain/run-transition.ts'
import type { HeldFreeze } from '../held-freeze.ts'
import { bounded } from './bounded.ts'
import { createHolder, type HolderContext } from './holder.ts'
import type { Journal } from './journal.ts'
import { retryUntil } from './retry-until.ts'
import type { RunHolder } from './run.ts'
import { earlierFailure, failed, messageOf, outcomeOf } from './run-failure.ts'
import type { ResolvedRunOptions } from './run-options.ts'
import type { Stop } from './stop.ts'
import { timedOut } from './stop.ts'
import type { TableFingerprint } from './table-content.ts'
import { assertUnchanged } from './unchanged.ts'

/** What one run has in its hands. */
export interface Conducted {
  readonly options: ResolvedRunOptions
  readonly clock: Clock
  readonly journal: Journal
  readonly stop: Stop
  readonly context: HolderContext
  /** Aborts when the lock of the run is not certain any more. */
  readonly lockSignal: () => AbortSignal | undefined
  preflight(signal: AbortSignal): Promise<readonly Finding[]>
  lock(signal: AbortSignal): Promise<void>
  freeze(id: string, signal: AbortSignal): Promise<HeldFreeze>
  /** What of a table is protected; the rest may differ at the thaw. */
  fingerprint(): Promise<readonly TableFingerprint[]>
  /** The freeze that was taken over, where there is one. */
  held: HeldFreeze | undefined
  /** Called at the thaw: the time-out of the whole ends there. */
  readonly cancelTotal: Cancel
  findings: readonly Finding[]
}

/**
 * Conducts a run from the phase in which its record is to its end. Each phase is recorded before it is entered, so that
 * another node can go on from there.
 *
 * A run that fails is undone and thawed; one that is lost is let go at once: whoever takes it over does what was declared.
 *
 * @throws the reason for which the run failed.
 */
export async function conduct(run: Conducted, cause?: unknown): Promise<void> {
  let failure = cause ?? earlierFailure(run.options.name, run.journal)
  let failedIn: Journal['state']['phase'] | undefined
  for (;;) {
    try {
      if (run.journal.state.phase === 'ended') break
      await phases[run.journal.state.phase](run, failure)
    } catch (error) {
      const lost = lostReason(run) ?? freezeEndedByOthers(run, error)
      if (lost !== undefined) throw await letGo(run, lost)
      // Whatever the work made of being told to stop, this is why.
      failedIn ??= run.journal.state.phase
      failure ??= run.stop.signal.aborted ? run.stop.signal.reason : error
      await leave(run, failure)
    }
  }
  if (failure !== undefined)
    throw failed({ name: run.options.name, journal: run.journal, findings: run.findings }, failure, failedIn)
}

type Phase = (run: Conducted, failure: unknown) => Promise<void>

const phases: Readonly<Record<Exclude<Journal['state']['phase'], 'ended'>, Phase>> = {
  enter: ({ journal }) => journal.move({ type: 'go', to: 'preflight' }),
  async preflight(run) {
    const { clock, options, stop, journal } = run
    const cancel = stop.after(options.timeouts.preflightMs, 'the preflight')
    run.findings = await bounded(clock, working(run), options.timeouts.stopMs, () => run.preflight(working(run)))
    cancel()
    const passedOver = run.findings.filter(({ blocking }) => blocking).map(({ message }) => message)
    const { force } = options
    if (force !== undefined && passedOver.length > 0) {
      await journal.move({ type: 'forced', reason: force.reason, findings: passedOver })
    }
    await journal.move({ type: 'go', to: 'lock' })
  },
  async lock(run) {
    await run.lock(working(run))
    // Recorded before it is used, so that whoever finds the run finds its freeze.
    run.journal.useFreeze(randomUUID())
    await run.journal.move({ type: 'go', to: 'freeze' })
  },
  async freeze(run) {
    run.held = await run.freeze(run.journal.freezeId ?? randomUUID(), working(run))
    if (run.options.protect.length > 0) {
      const baseline = await run.fingerprint()
      await run.journal.move({ type: 'baseline', baseline })
    }
    await run.journal.move({ type: 'go', to: 'steps' })
  },
  steps: runSteps,
  async verify(run) {
    const { options, journal } = run
    const { baseline } = journal.state
    if (baseline !== undefined) assertUnchanged(options.name, baseline, await run.fingerprint())
    const { verify } = options
    if (verify !== undefined) await work(run, working(run), (holder) => verify(holder))
    // Who knows only by polling that the freeze has ended must not take what was done until now for good.
    await run.held?.assertHeld()
    await journal.move({ type: 'go', to: 'thaw' })
  },
  rollback: undoAll,
  async thaw(run, failure) {
    const { held, clock, journal } = run
    if (held !== undefined) await retryUntil(clock, journal.signal, () => held.thaw())
    run.held = undefined
    run.cancelTotal()
    const isOver = failure !== undefined || !run.journal.state.steps.some(({ status }) => status === 'waiting')
    if (isOver) await end(run, failure)
    else await run.journal.move({ type: 'go', to: 'steps' })
  },
}

/** Runs what waits on this side of the thaw. */
async function runSteps(run: Conducted): Promise<void> {
  const { options, journal } = run
  for (const [index, step] of options.steps.entries()) {
    const recorded = journal.state.steps[index]
    if (recorded?.status !== 'waiting' || recorded.afterThaw !== journal.state.thawed) continue
    await journal.move({ type: 'step', index, status: 'running' })
    const cancel = step.timeoutMs === undefined ? () => {} : run.stop.after(step.timeoutMs, `the step ${step.name}`)
    await work(run, working(run), (holder) => step.run(holder)).finally(cancel)
    await journal.move({ type: 'step', index, status: 'done' })
  }
  if (journal.state.thawed) await end(run, undefined)
  else await journal.move({ type: 'go', to: 'verify' })
}

/**
 * Undoes in reverse order what was begun; each is recorded. One that throws does not keep the others from being undone.
 * Behind the thaw only the steps behind it are undone: the others' results are in use already.
 */
async function undoAll(run: Conducted, failure: unknown): Promise<void> {
  const { options, journal, clock } = run
  const limit = new AbortController()
  const { rollbackMs } = options.timeouts
  const cancel = clock.schedule(rollbackMs, () => limit.abort(timedOut(options.name, 'the rollback', rollbackMs)))
  const signal = AbortSignal.any([limit.signal, ...lostSignals(run)])
  try {
    for (const [index, recorded] of [...journal.state.steps.entries()].reverse()) {
      const undo = options.steps[index]?.undo
      if (!isBegun(recorded) || undo === undefined || recorded.afterThaw !== journal.state.thawed) continue
      await journal.move({ type: 'step', index, status: 'undoing' })
      const error = await failureOf(() => work(run, signal, (holder) => undo(holder)))
      await journal.move({ type: 'step', index, status: error === undefined ? 'undone' : 'undo-failed', error })
    }
    const { rollback } = options
    if (rollback !== undefined && !journal.state.thawed) {
      const error = await failureOf(() => work(run, signal, (holder) => rollback(holder, failure)))
      if (error !== undefined) run.findings = [...run.findings, { check: 'rollback', message: error, blocking: true }]
    }
  } finally {
    cancel()
  }
  if (journal.state.thawed) await end(run, failure)
  else await journal.move({ type: 'go', to: 'thaw' })
}

function isBegun({ status }: StepState): boolean {
  return status !== 'waiting' && status !== 'undone'
}

async function failureOf(attempt: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt()
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/** Where a run goes that failed in a phase. */
async function leave(run: Conducted, failure: unknown): Promise<void> {
  const { phase } = run.journal.state
  if (phase === 'steps' || phase === 'verify')
    return run.journal.move({ type: 'go', to: 'rollback', error: messageOf(failure) })
  if (phase === 'freeze' && run.held !== undefined)
    return run.journal.move({ type: 'go', to: 'thaw', error: messageOf(failure) })
  // A thaw that failed: the freeze is not renewed any more, so its lease gives the writes back.
  run.held?.letGo()
  if (phase !== 'ended') await end(run, failure)
}

async function end({ journal }: Conducted, failure: unknown): Promise<void> {
  const error = failure === undefined ? undefined : messageOf(failure)
  const notUndone = journal.state.steps.filter(({ status }) => status === 'undo-failed').map(({ name }) => name)
  const more = notUndone.length === 0 ? '' : ` Not undone: ${notUndone.join(', ')}.`
  await journal.move({ type: 'end', outcome: outcomeOf(failure), error: error && `${error}${more}` })
}

/** Calls the user's code with a holder that is good for this call alone. */
async function work(run: Conducted, signal: AbortSignal, fn: (holder: RunHolder) => unknown): Promise<void> {
  const { holder, revoke } = createHolder(run.context, run.journal, run.held, signal)
  try {
    await bounded(run.clock, signal, run.options.timeouts.stopMs, () => fn(holder))
  } finally {
    revoke()
  }
}

/** Aborts when the run has to stop, for whatever reason. */
function working(run: Conducted): AbortSignal {
  return AbortSignal.any([run.stop.signal, ...lostSignals(run)])
}

function lostSignals({ journal, held, lockSignal }: Conducted): readonly AbortSignal[] {
  return [journal.signal, held?.signal, lockSignal()].filter((signal) => signal !== undefined)
}

function lostReason(run: Conducted): unknown {
  return lostSignals(run).find(({ aborted }) => aborted)?.reason
}

function freezeEndedByOthers({ held }: Conducted, error: unknown): unknown {
  return held !== undefined && isQuiesceError(error) && error.kind === 'QUIESCE_FREEZE_ENDED' ? error : undefined
}

/** Another node may be at it already, so nothing more is done here. */
async function letGo({ held, journal, options }: Conducted, cause: unknown): Promise<QuiesceError> {
  const isEnded = held?.state === 'lost' || (isQuiesceError(cause) && cause.kind === 'QUIESCE_FREEZE_ENDED')
  const endedByOthers = isEnded && !journal.signal.aborted
  held?.letGo()
  // Somebody thawed the freeze of a run that still is ours: it is over, and nobody has to take it over.
  if (endedByOthers) await journal.move({ type: 'end', outcome: 'lost', error: messageOf(cause) }).catch(() => {})
  journal.release()
  return new QuiesceError(
    'QUIESCE_LEASE_LOST',
    `The run ${JSON.stringify(options.name)} (${journal.id}) is not this process's any more: ${cause instanceof Error ? cause.message : String(cause)} What was declared for a lost holder (${options.onHolderLost}) happens to it; see runs().`,
    { runId: journal.id, name: options.name, onHolderLost: options.onHolderLost },
    { cause },
  )
}
