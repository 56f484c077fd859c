import { type Cluster, type Freeze, type FreezeOptions, type Lock, QuiesceError } from '@quiesce/core'
import type { CommandContext } from '../command-context.ts'
import { frozenEntryOf } from '../documents/frozen-document.ts'
import type { RunResultDocument } from '../documents/run-document.ts'
import { EXIT } from '../exit-code.ts'
import { makePhases, type Phases } from '../output/phases.ts'
import { duration, shortId, withoutPasswords } from '../output/words.ts'
import { childEnvironment, clusterName, type GrantedFreeze, outerFreeze } from './child-environment.ts'
import { freezeWithProgress } from './freeze-with-progress.ts'
import { type Interruption, watchSignals } from './interruption.ts'
import { codeForStopped, type Supervised, supervise } from './supervise.ts'

/** A program to be run under lock and freeze. */
export interface Job {
  readonly command: readonly string[]
  readonly lock: string
  readonly lockWaitMs: number
  readonly freeze: FreezeOptions
  /** From the beginning to the end of the program. */
  readonly timeoutMs: number | undefined
  /** Variables of the environment whose database URL shall carry the token. */
  readonly tokenUrls: readonly string[]
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number
}

interface Work {
  readonly context: CommandContext
  readonly cluster: Cluster
  readonly job: Job
  readonly phases: Phases
  readonly interruption: Interruption
  /** Aborts when the time is over. */
  readonly timeout: AbortSignal
}

/** Locks, freezes, runs the program, gives everything back. The program's exit code, or ours when we failed. */
export async function runJob(context: CommandContext, cluster: Cluster, job: Job): Promise<number> {
  const startedAt = performance.now()
  const over = new AbortController()
  const timer = job.timeoutMs === undefined ? undefined : setTimeout(() => over.abort(timedOut(job)), job.timeoutMs)
  const interruption = watchSignals(context.terminal)
  const phases = makePhases(context.terminal, context.json)
  const work: Work = { context, cluster, job, phases, interruption, timeout: over.signal }
  try {
    const { exitCode, commandExitCode, freeze } = (await joinOuter(work)) ?? (await underOwnFreeze(work))
    const result: RunResultDocument = {
      schema: 'quiesce.run-result/1',
      command: [...withoutPasswords(job.command)],
      exitCode,
      commandExitCode,
      freeze: freeze === undefined ? null : frozenEntryOf(freeze),
      tookMs: performance.now() - startedAt,
    }
    if (context.json) context.print(result, () => '')
    return exitCode
  } finally {
    clearTimeout(timer)
    interruption.close()
  }
}

interface Outcome {
  readonly exitCode: number
  readonly commandExitCode: number
  readonly freeze: Freeze | undefined
}

/** Inside another `quiesce run` of the same cluster the outer one's freeze is ours. */
async function joinOuter(work: Work): Promise<Outcome | undefined> {
  const { context, cluster, phases } = work
  const status = await cluster.status()
  const id = outerFreeze(context.terminal.env, clusterName(status))
  if (id === undefined) return undefined
  const outer = status.freezes.find((freeze) => freeze.id === id && freeze.phase === 'read-only')
  if (outer === undefined) {
    throw new QuiesceError(
      'QUIESCE_FREEZE_ENDED',
      `The freeze ${id} of the outer quiesce run is not active any more; nothing was run.`,
    )
  }
  phases.begin('join', `the freeze ${shortId(id)} of the outer run`)
  phases.end(`under the freeze ${shortId(id)}`)
  // What passes the fence is in our own environment already.
  const granted = { id, epoch: outer.epoch, cluster: clusterName(status), token: undefined }
  const supervised = await runProgram(work, granted, work.timeout)
  return { ...supervised, exitCode: exitCodeFor(supervised), freeze: undefined }
}

async function underOwnFreeze(work: Work): Promise<Outcome> {
  const { cluster, job, phases, interruption, timeout } = work
  const signal = AbortSignal.any([interruption.signal, timeout])
  const lock = await takeLock(work, signal)
  const freeze = await orReason(signal, freezeWithProgress(cluster, { ...job.freeze, signal }, phases))
  const granted = {
    id: freeze.id,
    epoch: freeze.epoch,
    cluster: clusterName(await cluster.status()),
    token: freeze.token,
  }
  // What came while the last answer was under way finds no program to reach.
  const stop = AbortSignal.any([freeze.signal, lock.signal, signal])
  const supervised = await runProgram(work, granted, stop)
  const lost = supervised.stopped ?? (await whyNotHeld(freeze))
  await giveBack(work, freeze, lock)
  return { ...supervised, exitCode: exitCodeFor({ ...supervised, stopped: lost }), freeze }
}

async function takeLock({ cluster, job, phases }: Work, signal: AbortSignal): Promise<Lock> {
  const { lock: name, lockWaitMs, freeze } = job
  phases.begin('lock', `taking "${name}"`)
  try {
    const retries = Math.floor(lockWaitMs / LOCK_RETRY_MS)
    const owner = freeze.owner === undefined ? {} : { owner: freeze.owner }
    await orReason(signal, cluster.start())
    const lock = await orReason(signal, cluster.lock(name, { retries, signal, ...owner }))
    phases.end(`"${name}" is ours, token ${lock.token}`)
    return lock
  } catch (error) {
    phases.fail()
    throw error
  }
}

/** The pause between attempts that `createCluster()` has by default. */
const LOCK_RETRY_MS = 1000

async function runProgram(
  { context, job, phases, interruption }: Work,
  granted: GrantedFreeze,
  stop: AbortSignal,
): Promise<Supervised> {
  const { terminal, say } = context
  const { database } = (await context.settings()).options
  phases.begin('command', withoutPasswords(job.command).join(' '))
  phases.leave()
  const supervised = await supervise({
    command: job.command,
    env: childEnvironment(terminal.env, granted, { database, urlVariables: job.tokenUrls }),
    cwd: terminal.cwd,
    onTerminal: terminal.stdin.isTTY === true,
    interruption,
    stop,
    graceMs: job.graceMs,
    say,
  })
  phases.end(`exit code ${supervised.commandExitCode}`)
  return supervised
}

/** A program that ended well proves nothing when the freeze had ended before it. */
async function whyNotHeld(freeze: Freeze): Promise<QuiesceError | undefined> {
  try {
    await freeze.assertHeld()
    return undefined
  } catch (error) {
    if (error instanceof QuiesceError && error.kind === 'QUIESCE_FREEZE_ENDED') return error
    // Unreachable: whether it held to the end cannot be told, and its own signal has not aborted.
    return freeze.state === 'held' ? undefined : new QuiesceError('QUIESCE_FREEZE_ENDED', String(error))
  }
}

async function giveBack({ context, phases }: Work, freeze: Freeze, lock: Lock): Promise<void> {
  phases.begin('thaw', 'giving the writes back')
  try {
    const { changed } = await freeze.thaw()
    await lock.release()
    phases.end(changed ? 'the cluster writes again' : 'the freeze had ended before')
  } catch (error) {
    phases.fail()
    context.say(
      `quiesce: the writes could not be given back: ${error instanceof Error ? error.message : error}\nquiesce: the nodes take them back when the lease of the freeze is over.`,
    )
  }
}

function exitCodeFor({ commandExitCode, stopped }: Supervised): number {
  if (stopped !== undefined) return codeForStopped(stopped)
  return commandExitCode
}

/** The reason of our signal says more than the error that it caused. */
async function orReason<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}

function timedOut({ timeoutMs }: Job): QuiesceError {
  return new QuiesceError('QUIESCE_ABORTED', `The time is over: ${duration(timeoutMs)} (--timeout).`, {
    exitCode: EXIT.timeout,
  })
}
