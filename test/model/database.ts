import type { FreezeRecord, Snapshot } from '../../packages/core/src/domain/snapshot.ts'
import { type Change, type Command, type NewFreeze, transition } from '../../packages/core/src/domain/transition.ts'
import type { Rules } from './rules.ts'
import type { Database, FreezeRow, Holder, Proposal, Times } from './world.ts'

/** A tick in the milliseconds that the product's own functions calculate with. */
const TICK_MS = 1000

/** The state as one statement reads it, for the product's own functions. */
export function snapshotOf(database: Database, rules: Rules, registered = true): Snapshot {
  return {
    token: { epoch: String(database.epoch), nonce: String(database.nonce), database: database.owner },
    mode: database.mode,
    freezes: database.freezes.map(recordOf),
    database: rules.identityInToken ? database.identity : database.owner,
    primary: true,
    registered,
  }
}

function recordOf(row: FreezeRow): FreezeRecord {
  return {
    id: row.id,
    nonce: row.nonce,
    kind: 'machine',
    phase: row.phase,
    epoch: String(row.epoch),
    database: row.database,
    reason: '',
    owner: row.holder,
    holder: row.holder,
    exempt: {},
    onHolderLost: row.onHolderLost,
    since: new Date(0),
    expectedEnd: undefined,
    leaseRemainingMs: row.lease === null ? undefined : row.lease * TICK_MS,
    deadlineRemainingMs: undefined,
    drainRemainingMs: 0,
  }
}

/** The freeze that a holder wants to begin. */
export function freezeOf({ name }: Holder): NewFreeze {
  return {
    id: name,
    nonce: name,
    kind: 'machine',
    reason: '',
    owner: name,
    holder: name,
    exempt: {},
    onHolderLost: 'thaw',
    leaseMs: 0,
    drainTimeoutMs: 0,
    deadlineMs: undefined,
    expectedEnd: undefined,
  }
}

/** Reads and decides, by the product's own transition function; what is decided is written later. */
export function propose(database: Database, command: Command, rules: Rules): Proposal | undefined {
  const change = transition(snapshotOf(database, rules), command)
  return change === undefined ? undefined : { nonce: database.nonce, change }
}

/** What came of writing a change. */
export type Written = 'written' | 'refused' | 'epoch repeated'

/** Writes what was proposed, as the one compare-and-set of every dialect does. */
export function write(database: Database, { nonce, change }: Proposal, rules: Rules, times: Times): Written {
  if (rules.compareAndSet && nonce !== database.nonce) return 'refused'
  if (rules.identityInToken && change.database !== database.identity) return 'refused'
  if (!change.confirm.every((id) => isAlive(database, id))) return 'refused'
  const isNew = change.begin !== undefined || change.end.length > 0
  const repeated = isNew && Number(change.epoch) <= database.epoch
  apply(database, change, rules, times)
  return repeated ? 'epoch repeated' : 'written'
}

function isAlive({ freezes }: Database, id: string): boolean {
  return freezes.some((freeze) => freeze.id === id && (freeze.lease === null || freeze.lease > 0))
}

function apply(database: Database, change: Change, rules: Rules, times: Times): void {
  const { begin } = change
  database.epoch = Number(change.epoch)
  // A random nonce is never given out twice, also where a failover has lost the state that had it.
  database.nonce += database.identity === 'first' ? 1 : 100
  database.mode = change.mode
  database.owner = change.database
  database.freezes = database.freezes.filter(({ id }) => !change.end.some((ending) => ending.id === id))
  for (const freeze of database.freezes) {
    if (change.keep.includes(freeze.id)) freeze.lease = null
    if (!change.confirm.includes(freeze.id)) continue
    freeze.phase = 'read-only'
    if (rules.holderLease) freeze.lease = times.freezeLease
  }
  if (begin === undefined) return
  const { id, nonce, holder, onHolderLost } = begin
  database.freezes.push({
    ...{ id, nonce, holder, onHolderLost },
    phase: 'draining',
    epoch: database.epoch,
    database: database.identity,
    lease: rules.holderLease ? times.freezeLease : null,
  })
}
