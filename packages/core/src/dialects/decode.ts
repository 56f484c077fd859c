import { QuiesceError } from '../domain/errors.ts'
import type { Row } from '../domain/executor.ts'
import type { Exemptions } from '../domain/exemption.ts'
import type { LockRecord } from '../domain/lock-record.ts'
import type { OtherNamespace } from '../domain/members.ts'
import type { FreezePhase, Mode } from '../domain/mode.ts'
import { enforcementOf, type NodeRecord, nodeStatus } from '../domain/node-record.ts'
import type { FreezeKind, FreezeRecord, OnHolderLost, Snapshot } from '../domain/snapshot.ts'
import type { OpenWriter, RecordedEvent } from '../domain/store.ts'
import { type RowReader, readRow } from './row.ts'

/** Reads a snapshot; a namespace without its row is a damaged state. */
export function decodeSnapshot(row: Row | undefined, namespace: string): Snapshot {
  if (row === undefined) {
    throw new QuiesceError(
      'QUIESCE_STATE_LOST',
      `The coordination tables have no row for the namespace ${JSON.stringify(namespace)}: it was deleted. A node that starts makes it again.`,
      { namespace },
    )
  }
  const r = readRow(row)
  return {
    token: { epoch: r.text('epoch'), nonce: r.text('nonce'), database: r.text('token_database') },
    mode: oneOf<Mode>(r.text('mode'), ['read-write', 'draining', 'read-only']),
    database: r.text('database'),
    primary: r.boolean('is_primary'),
    registered: r.boolean('registered'),
    freezes: (r.json('freezes') as readonly Row[]).map((freeze) => decodeFreeze(readRow(freeze), freeze)),
  }
}

function decodeFreeze(r: RowReader, row: Row): FreezeRecord {
  return {
    id: r.text('id'),
    nonce: r.text('nonce'),
    kind: oneOf<FreezeKind>(r.text('kind'), ['operator', 'machine']),
    phase: oneOf<FreezePhase>(r.text('phase'), ['draining', 'read-only']),
    epoch: r.text('epoch'),
    database: r.text('database'),
    reason: r.text('reason'),
    owner: r.text('owner'),
    holder: r.text('holder'),
    // Written by begin(), which validated it; a freeze altered by hand can only exempt what its own row says.
    exempt: row['exempt'] as Exemptions,
    onHolderLost: oneOf<OnHolderLost>(r.text('onHolderLost'), ['thaw', 'stay']),
    since: r.date('since'),
    expectedEnd: r.optionalDate('expectedEnd'),
    leaseRemainingMs: r.optionalNumber('leaseRemainingMs'),
    deadlineRemainingMs: r.optionalNumber('deadlineRemainingMs'),
    drainRemainingMs: r.number('drainRemainingMs'),
    takeoverMs: r.optionalNumber('takeoverMs'),
  }
}

export function decodeNamespace(row: Row): OtherNamespace {
  const r = readRow(row)
  return { namespace: r.text('namespace'), nodes: r.number('nodes') }
}

export function decodeNode(row: Row): NodeRecord {
  const r = readRow(row)
  const heartbeatMs = r.number('heartbeat_ms')
  const heartbeatAgeMs = r.number('heartbeat_age_ms')
  const leaseRemainingMs = r.number('lease_remaining_ms')
  return {
    id: r.text('id'),
    host: r.text('host'),
    pid: r.number('pid'),
    application: r.text('application'),
    libraryVersion: r.text('library_version'),
    protocolVersion: r.number('protocol_version'),
    policyHash: r.text('policy_hash'),
    enforcement: enforcementOf(r.text('policy_hash')),
    heartbeatMs,
    leaseMs: r.number('lease_ms'),
    seenEpoch: r.text('seen_epoch'),
    ackedEpoch: r.text('acked_epoch'),
    inFlight: r.number('in_flight'),
    unknown: r.number('unknown_writes'),
    oldest: r.optionalText('oldest'),
    startedAt: r.date('started_at'),
    heartbeatAgeMs,
    leaseRemainingMs,
    status: nodeStatus(heartbeatAgeMs, heartbeatMs, leaseRemainingMs),
  }
}

export function decodeLock(row: Row): LockRecord {
  const r = readRow(row)
  const holder = r.optionalText('holder')
  return {
    name: r.text('name'),
    token: r.text('token'),
    holder,
    owner: r.optionalText('owner'),
    acquiredAt: holder === undefined ? undefined : r.optionalDate('acquired_at'),
    heldForMs: holder === undefined ? undefined : r.optionalNumber('held_for_ms'),
    leaseRemainingMs: r.optionalNumber('lease_remaining_ms'),
  }
}

export function decodeWriter(row: Row): OpenWriter {
  const r = readRow(row)
  return {
    id: r.text('id'),
    pid: r.number('pid'),
    ageMs: r.optionalNumber('age_ms'),
    application: r.text('application'),
    query: r.optionalText('query'),
    tables: r.json('tables') as readonly string[],
  }
}

export function decodeEvent(row: Row): RecordedEvent {
  const r = readRow(row)
  return {
    at: r.date('at'),
    type: r.text('type'),
    epoch: r.optionalText('epoch'),
    node: r.optionalText('node'),
    freezeId: r.optionalText('freeze_id'),
    detail: r.json('detail') as Readonly<Record<string, unknown>>,
  }
}

/** A value outside its set is a damaged state and closes the gate. */
function oneOf<T extends string>(value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value)
  if (found !== undefined) return found
  throw new QuiesceError(
    'QUIESCE_STATE_LOST',
    `The coordination tables hold ${JSON.stringify(value)} where only ${allowed.join(', ')} may stand. Somebody altered the row; restore it.`,
    { value, allowed },
  )
}
