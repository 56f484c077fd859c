import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, Freeze } from '@quiesce/core'
import type { Phases } from '../output/phases.ts'
import { freezeProgress, frozenWords } from './freeze-with-progress.ts'
import type { Job } from './run-job.ts'

const LOOK_MS = 150

/** Shows the phases of a run while the library conducts it. */
export interface RunWatch {
  /** The freeze stands, the program begins. */
  frozen(freeze: Freeze | undefined): void
  programEnded(): void
  /** The run is over, as `words` say. */
  over(words: string): void
  failed(): void
  end(): void
}

/** Watches from the beginning of a run; what it asks the database is a courtesy, and its failing is nobody's concern. */
export function watchRun(cluster: Cluster, { name, reason }: Job, phases: Phases): RunWatch {
  const stop = new AbortController()
  let isFreezing = false
  let hasEnded = false
  const freezing = (): void => {
    if (isFreezing) return
    isFreezing = true
    phases.end(`"${name}" is ours`)
    phases.begin('freeze', `asking the cluster to stop writing: ${reason}`)
  }
  const look = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const status = await cluster.status().catch(() => undefined)
      const progress = status === undefined ? undefined : freezeProgress(status, cluster.state.nodeId)
      if (progress !== undefined && !stop.signal.aborted) {
        freezing()
        phases.progress(progress)
      }
      await sleep(LOOK_MS, undefined, { signal: stop.signal }).catch(() => {})
    }
  }
  phases.begin('lock', `preflight and lock of "${name}"`)
  void look()
  // Not waited for: a database that does not answer has no say in when the command ends.
  const end = (): void => stop.abort()
  return {
    frozen(freeze) {
      end()
      freezing()
      if (freeze === undefined) phases.end('read-only')
      else phases.end(frozenWords(freeze), freeze.timings.totalMs)
    },
    programEnded() {
      hasEnded = true
      phases.begin('thaw', 'giving the writes back')
    },
    over: (words) => phases.end(words),
    // Behind the program the writes are back in any case; what went wrong is told by the error.
    failed: () => (hasEnded ? phases.end('the run did not end well') : phases.fail()),
    end,
  }
}
