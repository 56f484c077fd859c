import { randomUUID } from 'node:crypto'
import { type Clock, momentOf } from '../../domain/clock.ts'
import { QuiesceError } from '../../domain/errors.ts'
import type { NewRun, RunRecord } from '../../domain/run.ts'
import { enterRun, hasBegunWork } from '../../domain/run-transition.ts'
import type { CoordinationStore } from '../../domain/store.ts'
import type { Freezer } from '../freezer.ts'
import type { Lock, Locker } from '../lock.ts'
import { type Conducted, conduct } from './conduct.ts'
import type { HolderContext } from './holder.ts'
import { type Journal, openJournal } from './journal.ts'
import { type PreflightContext, preflight } from './preflight.ts'
import type { RunInfo, RunResult } from './run.ts'
import { infoOf, isLost } from './run-info.ts'
import { type ResolvedRunOptions, resolveRunOptions } from './run-options.ts'
import { createStop, type Stop } from './stop.ts'
import type { TableFingerprint } from './table-content.ts'
import { type TakenRun, takeRunOver } from './takeover.ts'

/** What runs are made of. */
export interface RunnerContext extends Omit<HolderContext, 'name' | 'runs'>, PreflightContext {
  readonly store: CoordinationStore
  readonly clock: Clock
  readonly freezer: Freezer
  readonly locker: Locker
  readonly owner: string
  readonly pollMs: number
  /** How long one pause between two attempts at the lock is. */
  readonly lockPauseMs: number
  readonly protectedContent: (options: ResolvedRunOptions) => Promise<readonly TableFingerprint[]>
}

/** Runs maintenance jobs. */
export interface Runner {
  run(input: unknown, begin: () => Promise<void>): Promise<RunResult>
  list(limit: number): Promise<readonly RunInfo[]>
  cancel(id: string, reason: string): Promise<boolean>
  /** Cancels the runs of this process, and waits for them. */
  cancelOwn(): Promise<void>
}

/** Makes the runner of one process. */
export function createRunner(context: RunnerContext): Runner {
  const { store, freezer, nodeId } = context
  const own = new Map<Promise<unknown>, Stop>()
  return {
    async run(input, begin) {
      const options = resolveRunOptions(input)
      await begin()
      const stop = createStop(context.clock, options.name, options.signal)
      const promise = runLocked(context, options, stop)
      own.set(promise, stop)
      return promise.finally(() => {
        own.delete(promise)
        stop.end()
      })
    },
    list: async (limit) => (await store.runs.list(limit)).map(infoOf),
    async cancel(id, reason) {
      const by = nodeId()
      const run = await store.runs.find(id)
      if (run === undefined || run.endedAt !== undefined) return false
      if (!isLost(run)) return store.runs.cancel(id, { by, reason })
      // Nobody is there to hear it, so it is ended here.
      if (run.freezeId !== undefined) await freezer.end({ id: run.freezeId, by, why: 'forced', note: reason })
      return store.runs.end(id, 'cancelled', { by, reason })
    },
    async cancelOwn() {
      for (const stop of own.values()) stop.cancel({ by: 'its process', reason: 'the cluster object is being closed' })
      await Promise.allSettled(own.keys())
    },
  }
}

/** What one call of `run()` holds besides its journal. */
interface Grip {
  lock: Lock | undefined
}

/** A run, or first what a lost one of the same name left; whatever happens, nothing stays locked. */
async function runLocked(context: RunnerContext, options: ResolvedRunOptions, stop: Stop): Promise<RunResult> {
  const grip: Grip = { lock: undefined }
  try {
    const earlier = await ownerOf(context, options.name)
    if (earlier !== undefined) {
      await takeLock(context, options, grip, stop.signal)
      const result = await settle(context, options, stop, grip, earlier.id)
      if (result !== undefined) return result
    }
    return await runAnew(context, options, stop, grip)
  } finally {
    // A lock that could not be given back runs out; one that has run out is not waited for.
    const given = grip.lock?.release().catch(() => {})
    if (grip.lock?.signal.aborted === false) await given
  }
}

/** The run of this name that has the lock, or had it when its holder was lost. */
async function ownerOf({ store }: RunnerContext, name: string): Promise<RunRecord | undefined> {
  const runs = await store.runs.list(RECENT)
  return runs.find((run) => run.name === name && run.endedAt === undefined && ownsLock(run))
}

const RECENT = 200

function ownsLock({ state }: RunRecord): boolean {
  return state.phase === 'freeze' || hasBegunWork(state)
}

async function takeLock(
  { locker, lockPauseMs, leaseMs, owner }: RunnerContext,
  { name, timeouts, owner: asked }: ResolvedRunOptions,
  grip: Grip,
  signal: AbortSignal,
): Promise<void> {
  if (grip.lock !== undefined) return
  const retries = Math.ceil(timeouts.lockMs / lockPauseMs)
  grip.lock = await locker.lock(`run ${name}`, { retries, leaseMs, owner: asked ?? owner, signal })
}

/** What became of a run that was there before; the result when it is the caller's too. */
async function settle(
  context: RunnerContext,
  options: ResolvedRunOptions,
  stop: Stop,
  grip: Grip,
  id: string,
): Promise<RunResult | undefined> {
  const earlier = await context.store.runs.find(id)
  if (earlier === undefined) return undefined
  if (earlier.state.outcome === 'done') return { id, joined: true, takenOver: false, findings: [] }
  if (earlier.endedAt !== undefined) return undefined
  const taken = await takeRunOver(context, options, earlier, stop.signal)
  if (taken === undefined) return undefined
  const { journal, run } = goOn(context, options, stop, grip, taken)
  if (earlier.cancel !== undefined) stop.cancel(earlier.cancel)
  if (earlier.onHolderLost === 'resume') {
    await journal.move({ type: 'resume' })
    return finish(run, true)
  }
  const why = new QuiesceError('QUIESCE_RUN_FAILED', `The holder of the run ${id} was lost; it was undone.`, {
    runId: id,
  })
  await finish(run, true, why).catch((error: unknown) => {
    if (error !== why) throw error
  })
  return undefined
}

function goOn(
  context: RunnerContext,
  options: ResolvedRunOptions,
  stop: Stop,
  grip: Grip,
  { record, nonce, grantedAt, freeze }: TakenRun,
): { journal: Journal; run: Conducted } {
  const { id, name, state, freezeId } = record
  const run = { id, nonce, name, leaseMs: context.leaseMs, state }
  const journal = journalOf(context, run, freezeId, stop, grantedAt)
  return { journal, run: conducted(context, options, stop, grip, journal, freeze) }
}

async function runAnew(
  context: RunnerContext,
  options: ResolvedRunOptions,
  stop: Stop,
  grip: Grip,
): Promise<RunResult> {
  const { store, clock, owner, leaseMs, nodeId } = context
  const { name, reason, onHolderLost, timeouts, steps } = options
  const record: NewRun = {
    id: randomUUID(),
    nonce: randomUUID(),
    ...{ name, reason, onHolderLost, leaseMs },
    owner: options.owner ?? owner,
    holder: nodeId(),
    takeoverMs: onHolderLost === 'thaw' ? 0 : timeouts.takeoverMs,
    state: enterRun(steps.map((step) => ({ name: step.name, weight: step.weight, afterThaw: step.afterThaw }))),
  }
  const grantedAt = momentOf(clock)
  await store.runs.begin(record)
  const journal = journalOf(context, record, undefined, stop, grantedAt)
  return finish(conducted(context, options, stop, grip, journal, undefined), false)
}

function journalOf(
  { store, clock, pollMs }: RunnerContext,
  run: Pick<NewRun, 'id' | 'nonce' | 'name' | 'leaseMs' | 'state'>,
  freezeId: string | undefined,
  stop: Stop,
  grantedAt: ReturnType<typeof momentOf>,
): Journal {
  const onCancel = stop.cancel
  return openJournal({ runs: store.runs, clock, run, freezeId, pollMs, grantedAt, onCancel })
}

function conducted(
  context: RunnerContext,
  options: ResolvedRunOptions,
  stop: Stop,
  grip: Grip,
  journal: Journal,
  held: Conducted['held'],
): Conducted {
  const { clock, store, freezer, owner, protectedContent } = context
  const { totalMs, takeoverMs } = options.timeouts
  const cancelTotal = totalMs === undefined ? () => {} : stop.after(totalMs, 'everything up to the thaw')
  return {
    ...{ options, clock, journal, stop, held, cancelTotal, findings: [] },
    context: { ...context, name: options.name, runs: store.runs },
    lockSignal: () => grip.lock?.signal,
    preflight: (signal) => preflight(context, options, signal),
    lock: (signal) => takeLock(context, options, grip, signal),
    freeze(id, signal) {
      const waits = options.onHolderLost === 'thaw' ? undefined : takeoverMs
      return freezer.freeze({ ...options.freeze, signal }, owner, { id, takeoverMs: waits })
    },
    fingerprint: () => protectedContent(options),
  }
}

async function finish(run: Conducted, takenOver: boolean, cause?: unknown): Promise<RunResult> {
  const { journal } = run
  try {
    // A taken-over run that shall be undone is sent there first.
    const { phase } = journal.state
    if (cause !== undefined && (phase === 'steps' || phase === 'verify')) {
      await journal.move({ type: 'go', to: 'rollback', error: cause instanceof Error ? cause.message : String(cause) })
    }
    await conduct(run, cause)
    return { id: journal.id, joined: false, takenOver, findings: run.findings.map(({ message }) => message) }
  } finally {
    // Whatever failed, nothing is renewed any more: what is left runs out.
    run.held?.letGo()
    journal.release()
  }
}
