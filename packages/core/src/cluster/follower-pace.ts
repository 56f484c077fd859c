import type { Snapshot } from '../domain/snapshot.ts'

/** How often a node beats: while the cluster is read-write, and while something happens. */
export interface Pace {
  readonly pollIntervalMs: number
  readonly fastPollIntervalMs: number
}

/** A node that has acked a freeze learns of its end within this share of the time that it has lasted. */
const PATIENCE = 0.1
/** Nodes that were started together beat apart. */
const JITTER = 0.1

/**
 * Milliseconds until a node's next beat, before jitter.
 *
 * It is fast while the node drains, and where a lease or deadline is about to run out, so that a dead holder is noticed at
 * once. A node that has acked has nothing to tell: the longer the freeze lasts, the more rarely it asks, so that a large
 * cluster doesn't load its database for as long as it is frozen.
 *
 * @param applied the state that the node follows; `undefined` while it has none that it may believe.
 * @param ackedForMs how long ago it acked that state; `undefined` while it still drains.
 */
export function pauseUntilBeat(pace: Pace, applied: Snapshot | undefined, ackedForMs: number | undefined): number {
  const { pollIntervalMs, fastPollIntervalMs } = pace
  if (applied?.freezes.length === 0) return pollIntervalMs
  if (applied === undefined || ackedForMs === undefined) return fastPollIntervalMs
  const patientMs = Math.min(pollIntervalMs, Math.max(fastPollIntervalMs, ackedForMs * PATIENCE))
  const endsSoon = applied.freezes.some(({ leaseRemainingMs, deadlineRemainingMs }) =>
    [leaseRemainingMs, deadlineRemainingMs].some((ms) => ms !== undefined && ms < 2 * patientMs),
  )
  return endsSoon ? fastPollIntervalMs : patientMs
}

/** Moves a pause by up to a tenth, either way. */
export function jittered(pauseMs: number): number {
  return pauseMs * (1 + JITTER * (2 * Math.random() - 1))
}
