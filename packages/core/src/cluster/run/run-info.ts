import type { RunRecord } from '../../domain/run.ts'
import type { RunInfo } from './run.ts'

/** Whether the holder's lease is over; nobody has gone on with the run yet. */
export function isLost({ leaseRemainingMs }: RunRecord): boolean {
  return leaseRemainingMs !== undefined && leaseRemainingMs <= 0
}

/** What every node may know of a run: all but what proves its holder. */
export function infoOf(run: RunRecord): RunInfo {
  const { id, name, reason, owner, holder, onHolderLost, freezeId, progress, takeovers, cancel, startedAt, endedAt } =
    run
  const { phase, outcome, error, steps } = run.state
  return {
    ...{ id, name, reason, owner, holder, onHolderLost, freezeId, progress, takeovers, cancel, startedAt, endedAt },
    ...{ phase, outcome, error, steps },
    isLost: isLost(run),
  }
}
