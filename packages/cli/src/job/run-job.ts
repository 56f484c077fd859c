import type { Cluster, Freeze, FreezeOptions, RunHolder, RunOptions } from '@quiesce/core'
import type { CommandContext } from '../command-context.ts'
import { frozenEntryOf } from '../documents/frozen-document.ts'
import type { RunResultDocument } from '../documents/run-document.ts'
import { EXIT } from '../exit-code.ts'
import { makePhases } from '../output/phases.ts'
import { withoutPasswords } from '../output/without-passwords.ts'
import { checkNamespace } from './check-namespace.ts'
import { clusterName } from './child-environment.ts'
import { CommandFailed, isCommandFailure } from './command-failed.ts'
import { interrupted, watchSignals } from './interruption.ts'
import { joinOuter } from './join-outer.ts'
import { notStartable } from './not-startable.ts'
import { type ProgramContext, runProgram } from './program-under-freeze.ts'
import { watchRun } from './watch-run.ts'

/** A program to be run under lock and freeze. */
export interface Job {
  readonly command: readonly string[]
  /** Only one run of this name at a time. */
  readonly name: string
  readonly reason: string
  readonly owner: string
  readonly freeze: Omit<FreezeOptions, 'reason' | 'owner'>
  /** Tables whose content must be the same at the thaw. */
  readonly protect: readonly string[]
  /** Stay read-only until another run of this name goes on, at most this long; `undefined`: thaw when this one dies. */
  readonly takeoverMs: number | undefined
  /** Why it is run in spite of what the preflight found. */
  readonly force: string | undefined
  /** How long to wait for another run of this name. */
  readonly waitMs: number
  readonly timeoutMs: number | undefined
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number
  /** Variables of the environment whose database URL shall carry the token. */
  readonly tokenUrls: readonly string[]
}

/** How a run ended. */
export interface JobOutcome {
  readonly exitCode: number
  /** Of the program; `undefined` when it was not started here. */
  readonly commandExitCode: number | undefined
  readonly freeze: Freeze | undefined
  readonly runId: string | undefined
}

/** Locks, freezes, runs the program, gives everything back. The program's exit code, or ours when we failed. */
export async function runJob(context: CommandContext, cluster: Cluster, job: Job): Promise<number> {
  const startedAt = performance.now()
  const interruption = watchSignals(context.terminal)
  const phases = makePhases(context.terminal, context.json)
  const { database } = (await context.settings()).options
  const program: ProgramContext = { context, job, phases, interruption, database }
  try {
    const outcome =
      (await notStartable(program)) ?? (await joinOuter(cluster, program)) ?? (await underOwnFreeze(cluster, program))
    const result: RunResultDocument = {
      schema: 'quiesce.run-result/1',
      command: [...withoutPasswords(job.command)],
      exitCode: outcome.exitCode,
      commandExitCode: outcome.commandExitCode ?? null,
      runId: outcome.runId ?? null,
      freeze: outcome.freeze === undefined ? null : frozenEntryOf(outcome.freeze),
      tookMs: performance.now() - startedAt,
    }
    if (context.json) context.print(result, () => '')
    return outcome.exitCode
  } finally {
    interruption.close()
  }
}

async function underOwnFreeze(cluster: Cluster, program: ProgramContext): Promise<JobOutcome> {
  const { context, job, interruption, phases } = program
  await checkNamespace(context, cluster, job.freeze)
  const watch = watchRun(cluster, job, phases)
  let freeze: Freeze | undefined
  let commandExitCode: number | undefined
  const step = async (holder: RunHolder): Promise<void> => {
    freeze = holder.freeze
    watch.frozen(holder.freeze)
    const { namespace, database } = await cluster.status()
    const granted = {
      id: holder.freeze?.id ?? '',
      epoch: holder.freeze?.epoch ?? '',
      cluster: clusterName({ namespace, database }),
      token: holder.freeze?.token,
    }
    commandExitCode = (await runProgram(program, granted, holder.signal)).commandExitCode
    watch.programEnded()
    if (commandExitCode !== EXIT.ok) throw new CommandFailed(commandExitCode)
    // A program that ended well proves nothing when the freeze had ended before it.
    await holder.assertHeld()
  }
  try {
    const { id, joined } = await cluster.run({
      ...runOptionsOf(job),
      signal: interruption.signal,
      steps: [{ name: 'command', run: step, idempotent: job.takeoverMs !== undefined }],
    })
    watch.over(joined ? `another run of this name has done it (${id})` : 'the cluster writes again')
    return { exitCode: EXIT.ok, commandExitCode, freeze, runId: id }
  } catch (error) {
    if (isCommandFailure(error)) {
      watch.over('the cluster writes again')
      return { exitCode: error.cause.exitCode, commandExitCode, freeze, runId: String(error.data['runId']) }
    }
    watch.failed()
    if (interruption.signal.aborted && interruption.received !== undefined) throw interrupted(interruption.received)
    throw error
  } finally {
    watch.end()
  }
}

function runOptionsOf({
  name,
  reason,
  owner,
  freeze,
  protect,
  force,
  waitMs,
  timeoutMs,
  graceMs,
  takeoverMs,
}: Job): Omit<RunOptions, 'steps'> {
  return {
    ...{ name, reason, owner, freeze, protect },
    onHolderLost: takeoverMs === undefined ? 'thaw' : 'resume',
    ...(force === undefined ? {} : { force: { reason: force } }),
    timeouts: {
      lockMs: waitMs,
      // The program is ended by force before the run would leave it alone.
      stopMs: graceMs + ENDING_MS,
      rollbackMs: graceMs + ENDING_MS,
      ...(timeoutMs === undefined ? {} : { totalMs: timeoutMs }),
      ...(takeoverMs === undefined ? {} : { takeoverMs }),
    },
  }
}

const ENDING_MS = 5000
