import pRetry from 'p-retry'
import { QuiesceError } from '../domain/errors.ts'
import { distrust } from '../domain/health.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import type { CoordinationStore } from '../domain/store.ts'
import { type Change, type Command, transition } from '../domain/transition.ts'

/** What came of a command: the change that was committed, or `undefined` when the state already was as wanted. */
export interface Advance {
  readonly snapshot: Snapshot
  readonly change: Change | undefined
}

const RETRIES = 30

/**
 * Moves the cluster's state by one command: reads, decides, and writes by compare-and-set, again when somebody else was
 * faster or the server undid it for others.
 *
 * @throws QuiesceError `QUIESCE_STATE_LOST` when the state must not be built upon (except to adopt it),
 *   `QUIESCE_CONTENDED` when others were in the way too often; nothing was changed then.
 */
export async function advance(store: CoordinationStore, command: Command, by: string): Promise<Advance> {
  const attempt = async (): Promise<Advance> => {
    const snapshot = await store.read()
    refuseUntrusted(snapshot, command)
    const change = transition(snapshot, command)
    if (change === undefined || (await store.commit(snapshot.token, change, by))) return { snapshot, change }
    throw new QuiesceError(
      'QUIESCE_CONTENDED',
      `The cluster's state was changed by others ${RETRIES} times in a row before ${command.type} could be written. Nothing was changed; try again.`,
    )
  }
  return pRetry(attempt, {
    retries: RETRIES,
    minTimeout: 5,
    maxTimeout: 250,
    factor: 1.5,
    randomize: true,
    shouldRetry: ({ error }) => error instanceof QuiesceError && error.kind === 'QUIESCE_CONTENDED',
  })
}

function refuseUntrusted(snapshot: Snapshot, command: Command): void {
  if (!snapshot.primary)
    throw new QuiesceError(
      'QUIESCE_DATABASE',
      'The coordination database is a read-only standby. Give the URL of the primary.',
    )
  const why = command.type === 'adopt' ? undefined : distrust(snapshot, undefined)
  if (why !== undefined) {
    throw new QuiesceError(
      'QUIESCE_STATE_LOST',
      `The cluster's state cannot be built upon: ${why}. The nodes re-establish it by themselves after a holder's lease; try again then.`,
    )
  }
}
