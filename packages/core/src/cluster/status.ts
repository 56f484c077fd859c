import { isQuiesceError } from '../domain/errors.ts'
import { distrust } from '../domain/health.ts'
import type { OtherNamespace } from '../domain/members.ts'
import type { Mode } from '../domain/mode.ts'
import type { NodeRecord } from '../domain/node-record.ts'
import type { FreezeRecord, Snapshot } from '../domain/snapshot.ts'
import type { CoordinationStore, OpenWriter } from '../domain/store.ts'
import { compareEpochs } from '../domain/token.ts'

/** One active freeze as the database has it, without the secret by which its holder is known. */
export type FreezeStatus = Omit<FreezeRecord, 'nonce' | 'database'>

/** The cluster as the database has it, for those who watch it without being a node. */
export interface ClusterStatus {
  readonly namespace: string
  /** `'unknown'` where the state must not be believed, and before the first node has joined. */
  readonly mode: Mode | 'unknown'
  /** `undefined` before the first node has joined. */
  readonly epoch: string | undefined
  /** Names the database that answered, so that a copy or a promoted standby is told apart. */
  readonly database: string | undefined
  /** Why the state must not be believed, in words; `undefined` when it may. */
  readonly distrust: string | undefined
  readonly freezes: readonly FreezeStatus[]
  readonly nodes: readonly NodeRecord[]
  /** Other namespaces of these tables with nodes that are alive; looked for only while this one has none. */
  readonly elsewhere: readonly OtherNamespace[]
  /**
   * Transactions open in the server, for which the freeze waits once every node has acked; looked for only then. Empty
   * where the server or the role's rights do not tell.
   */
  readonly writers: readonly OpenWriter[]
}

/** Reads the state without joining: nothing is written, no node appears. */
export async function readStatus(store: CoordinationStore, namespace: string): Promise<ClusterStatus> {
  const [found, nodes] = await Promise.all([readSnapshot(store), store.nodes()])
  const elsewhere = nodes.every(({ status }) => status === 'lost') ? await store.otherNamespaces() : []
  const unknown = {
    namespace,
    mode: 'unknown',
    epoch: undefined,
    database: undefined,
    freezes: [],
    writers: [],
  } as const
  if (typeof found === 'string') return { ...unknown, distrust: found, nodes, elsewhere }
  const { token, database, primary, mode, freezes } = found
  const why = primary ? distrust(found, undefined) : 'a read-only standby answered'
  return {
    namespace,
    mode: why === undefined ? mode : 'unknown',
    epoch: token.epoch,
    database,
    distrust: why,
    freezes: freezes.map(({ nonce: _nonce, database: _database, ...freeze }) => freeze),
    nodes,
    elsewhere,
    writers: mode === 'draining' && allAcked(nodes, token.epoch) ? ((await store.openWriters()) ?? []) : [],
  }
}

function allAcked(nodes: readonly NodeRecord[], epoch: string): boolean {
  return nodes.every(({ status, ackedEpoch }) => status === 'lost' || compareEpochs(ackedEpoch, epoch) >= 0)
}

/** The snapshot, or why there is none. */
async function readSnapshot(store: CoordinationStore): Promise<Snapshot | string> {
  try {
    return await store.read()
  } catch (error) {
    if (!isQuiesceError(error) || error.kind !== 'QUIESCE_STATE_LOST') throw error
    const [event] = await store.events(1)
    return event === undefined ? 'no process has joined this namespace yet' : error.message
  }
}
