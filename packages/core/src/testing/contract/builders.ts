import { randomUUID } from 'node:crypto'
import type { NodeIdentity, NodeReport } from '../../domain/node-record.ts'
import type { CoordinationStore } from '../../domain/store.ts'
import type { Change, NewFreeze } from '../../domain/transition.ts'

/** A node as it says of itself. */
export function nodeIdentity(changes: Partial<NodeIdentity> = {}): NodeIdentity {
  const versions = { libraryVersion: '1', protocolVersion: 1, policyHash: 'hash' }
  return {
    id: randomUUID(),
    host: 'host',
    pid: 7,
    application: 'app',
    ...versions,
    heartbeatMs: 500,
    leaseMs: 5000,
    ...changes,
  }
}

/** A report of a node that has nothing in flight. */
export function nodeReport(changes: Partial<NodeReport> = {}): NodeReport {
  return { seenEpoch: '0', ackedEpoch: '0', inFlight: 0, unknown: 0, oldest: undefined, ...changes }
}

/** A freeze to begin. */
export function newFreeze(changes: Partial<NewFreeze> = {}): NewFreeze {
  return {
    id: randomUUID(),
    nonce: randomUUID(),
    kind: 'machine',
    reason: 'reason',
    owner: 'owner',
    holder: randomUUID(),
    exempt: {},
    onHolderLost: 'thaw',
    leaseMs: 10_000,
    drainTimeoutMs: 5000,
    deadlineMs: undefined,
    expectedEnd: undefined,
    ...changes,
  }
}

/** A change that follows the state that was read, and does what `changes` says. */
export async function changeOf(store: CoordinationStore, changes: Partial<Change>): Promise<Change> {
  const { token, mode, database } = await store.read()
  const epoch = (BigInt(token.epoch) + 1n).toString()
  return { epoch, mode, database, confirm: [], end: [], keep: [], hand: [], events: [], ...changes }
}

/** Reads, changes and commits. */
export async function commit(store: CoordinationStore, changes: Partial<Change>): Promise<boolean> {
  const { token } = await store.read()
  return store.commit(token, await changeOf(store, changes), 'tester')
}
