import { existsSync } from 'node:fs'
import which from 'which'
import { EXIT } from '../exit-code.ts'
import type { ProgramContext } from './program-under-freeze.ts'
import type { JobOutcome } from './run-job.ts'

/** The outcome of a run whose program is not there or is none, told before anything is frozen for it. */
export async function notStartable({ context, job }: ProgramContext): Promise<JobOutcome | undefined> {
  const [program = ''] = job.command
  const { PATH: path } = context.terminal.env
  // Without it only the system knows where it looks.
  if (path === undefined || (await which(program, { path, nothrow: true })) !== null) return undefined
  const isThere = /[/\\]/.test(program) && existsSync(program)
  const why = isThere ? 'is not executable' : 'was not found'
  context.say(`quiesce: the command could not be started: ${program} ${why}. Nothing was frozen.`)
  const exitCode = isThere ? EXIT.notExecutable : EXIT.notFound
  return { exitCode, commandExitCode: undefined, freeze: undefined, runId: undefined }
}
