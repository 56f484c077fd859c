import type { Clock } from '../../domain/clock.ts'
import type { RunStore } from '../../domain/run.ts'
import type { Alerts } from '../alert.ts'
import type { Recovery } from '../recovery.ts'

/** What the watch over lost runs is made of. */
export interface LostRunsOptions {
  readonly recovery: Recovery
  readonly runs: RunStore
  readonly clock: Clock
  readonly alerts: Alerts
  /** How long a run survives its holder. */
  readonly leaseMs: number
}

const PAUSE_MS = 500

/**
 * Adds to a node's recovery that runs whose holder is gone for good are recorded as lost. Their freezes end by their own
 * leases; this is for the record, so it looks often only while there is, or was a moment ago, a freeze.
 */
export function watchLostRuns({ recovery, runs, clock, alerts, leaseMs }: LostRunsOptions): Recovery {
  const forMs = 3 * leaseMs
  let recentUntilMs = 0
  let nextMs = 0
  return {
    ...recovery,
    async afterBeat(snapshot, nodeId) {
      await recovery.afterBeat(snapshot, nodeId)
      const now = clock.monotonicMs()
      if (snapshot.freezes.length > 0) recentUntilMs = now + forMs
      if (now < nextMs) return
      // Nodes do not all look at once.
      nextMs = now + (now < recentUntilMs ? PAUSE_MS : leaseMs * (0.5 + Math.random()))
      for (const runId of await runs.endLost(nodeId)) {
        const message = `the run ${runId} lost its holder and nobody went on with it; see runs() for how far it came.`
        alerts.raise({ severity: 'critical', kind: 'run-lost', message, data: { runId } })
      }
    },
  }
}
