import { type Cluster, QuiesceError } from '@quiesce/core'
import { shortId } from '../output/words.ts'
import { clusterName, outerFreeze } from './child-environment.ts'
import { type ProgramContext, runProgram } from './program-under-freeze.ts'
import type { JobOutcome } from './run-job.ts'
import { codeForStopped } from './supervise.ts'
import { timeLimit } from './time-limit.ts'

/**
 * Inside another `quiesce run` of the same cluster the outer one's freeze is ours: the program runs at once, and the
 * outer one gives the writes back. `undefined` when there is no outer one.
 *
 * @throws QuiesceError `QUIESCE_FREEZE_ENDED` when the outer one's freeze is over; nothing was run.
 */
export async function joinOuter(cluster: Cluster, program: ProgramContext): Promise<JobOutcome | undefined> {
  const { context, phases, job } = program
  const status = await cluster.status()
  const id = outerFreeze(context.terminal.env, clusterName(status))
  if (id === undefined) return undefined
  const outer = status.freezes.find((freeze) => freeze.id === id && freeze.phase === 'read-only')
  if (outer === undefined) {
    const message = `The freeze ${id} of the outer quiesce run is not active any more; nothing was run.`
    throw new QuiesceError('QUIESCE_FREEZE_ENDED', message, { freezeId: id })
  }
  phases.begin('join', `the freeze ${shortId(id)} of the outer run`)
  phases.end(`under the freeze ${shortId(id)}`)
  const limit = timeLimit(job.timeoutMs)
  try {
    // What passes the fence is in our own environment already.
    const granted = { id, epoch: outer.epoch, cluster: clusterName(status), token: undefined }
    const { commandExitCode, stopped } = await runProgram(
      { ...program, job: { ...job, tokenUrls: [] } },
      granted,
      limit.signal,
    )
    const exitCode = stopped === undefined ? commandExitCode : codeForStopped(stopped)
    return { exitCode, commandExitCode, freeze: undefined, runId: undefined }
  } finally {
    limit.end()
  }
}
