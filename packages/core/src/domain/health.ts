import { modeOf } from './mode.ts'
import type { Snapshot } from './snapshot.ts'
import { compareEpochs, type Token } from './token.ts'

/**
 * Whether a node can vouch for the cluster's mode: `ok`, or why not. With `lease-lost` it could not renew its lease, with
 * `state-lost` the state in the database cannot be believed; it refuses writes in both, and comes back by itself.
 */
export type NodeHealth = 'starting' | 'ok' | 'lease-lost' | 'state-lost' | 'closed'

/**
 * Why a snapshot must not be believed, in words, or `undefined` when it may.
 *
 * An epoch that goes backwards, another database, or a mode that does not follow from the freezes mean that commits
 * were lost (failover), that a backup was restored, or that somebody altered the rows: the gate closes.
 */
export function distrust(snapshot: Snapshot, last: Token | undefined): string | undefined {
  const { token, database, mode, freezes } = snapshot
  if (database !== token.database) return `the database is ${database}, the state belongs to ${token.database}`
  if (last !== undefined && compareEpochs(token.epoch, last.epoch) < 0) {
    return `the epoch went back from ${last.epoch} to ${token.epoch}`
  }
  if (mode !== modeOf(freezes)) return `the mode is ${mode}, but the active freezes make it ${modeOf(freezes)}`
  return undefined
}
