import type { ClusterOptions } from '@quiesce/core'
import type { CommandContext } from '../command-context.ts'
import type { Phases } from '../output/phases.ts'
import { withoutPasswords } from '../output/without-passwords.ts'
import { childEnvironment, type GrantedFreeze } from './child-environment.ts'
import type { Interruption } from './interruption.ts'
import type { Job } from './run-job.ts'
import { type Supervised, supervise } from './supervise.ts'

/** What a program is run with. */
export interface ProgramContext {
  readonly context: CommandContext
  readonly job: Job
  readonly phases: Phases
  readonly interruption: Interruption
  readonly database: ClusterOptions['database']
}

/** Runs the program of a job under a freeze, until it ends or `stop` aborts. */
export async function runProgram(
  { context, job, phases, interruption, database }: ProgramContext,
  granted: GrantedFreeze,
  stop: AbortSignal,
): Promise<Supervised> {
  const { terminal, say } = context
  const env = childEnvironment(terminal.env, granted, { database, urlVariables: job.tokenUrls })
  phases.begin('command', withoutPasswords(job.command).join(' '))
  phases.leave()
  const supervised = await supervise({
    ...{ command: job.command, env, cwd: terminal.cwd, interruption, stop, graceMs: job.graceMs, say },
    onTerminal: terminal.stdin.isTTY === true,
  })
  phases.end(`exit code ${supervised.commandExitCode}`)
  return supervised
}
