import type { NewFreeze } from '../../domain/transition.ts'
import type { TableNames } from './names.ts'
import type { ServerLanguage } from './server.ts'
import { databaseIdentity } from './snapshot-statements.ts'
import { later, moment, now } from './time.ts'

/** LEAST() is NULL when one of its values is: a lease without a deadline ends by itself. */
export const leaseEnd = (lease: string, deadline: string): string => `LEAST(${lease}, COALESCE(${deadline}, ${lease}))`

/** A freeze that has neither ended nor run out. */
export const alive: string = `ended_at IS NULL AND (lease_until IS NULL OR lease_until > ${now}) AND (deadline_at IS NULL OR deadline_at > ${now})`

/** Locks the state. ? namespace. */
export function lockCluster(t: TableNames, language: ServerLanguage): string {
  return `SELECT epoch, nonce, database_identity, ${databaseIdentity(t, language)} AS current_identity
  FROM ${t.cluster} WHERE namespace = ? FOR UPDATE`
}

/** ? epoch, nonce, mode, database, namespace, expected nonce. */
export function moveCluster(t: TableNames): string {
  return `UPDATE ${t.cluster} SET epoch = CAST(? AS SIGNED), nonce = ?, mode = ?, database_identity = ?, changed_at = ${now}
  WHERE namespace = ? AND nonce = ?`
}

/** Locks a freeze, so that a later statement judges it by a clock that was read after the wait. ? id. */
export function lockFreeze(t: TableNames): string {
  return `SELECT id FROM ${t.freeze} WHERE id = ? FOR UPDATE`
}

/** Confirms a freeze that is alive, and renews its lease; an operator's has none from here on. ? id. */
export function confirmFreeze(t: TableNames): string {
  return `UPDATE ${t.freeze} SET phase = 'read-only', frozen_at = ${now},
    lease_until = CASE WHEN kind = 'operator' THEN NULL ELSE ${leaseEnd(later('lease_ms'), 'deadline_at')} END
  WHERE id = ? AND ${alive}`
}

/** ? by, why, note, id. */
export function endFreeze(t: TableNames): string {
  return `UPDATE ${t.freeze} SET ended_at = ${now}, ended_by = ?, end_reason = ?, end_note = ? WHERE id = ? AND ended_at IS NULL`
}

/** ? id. */
export function keepFreeze(t: TableNames): string {
  return `UPDATE ${t.freeze} SET lease_until = NULL, lease_ms = NULL WHERE id = ?`
}

/** ? nonce, holder, on_holder_lost, lease ms, lease ms, lease ms, id. */
export function handFreeze(t: TableNames): string {
  return `UPDATE ${t.freeze} SET nonce = ?, holder = ?, on_holder_lost = ?, lease_ms = ?,
    lease_until = ${leaseEnd(later('?'), 'deadline_at')} WHERE id = ? AND ended_at IS NULL`
}

/** Parameters: {@link freezeParameters}. */
export function beginFreeze(t: TableNames): string {
  return `INSERT INTO ${t.freeze} (id, namespace, nonce, kind, phase, epoch, database_identity, reason, owner, holder, exempt,
    on_holder_lost, begun_at, drain_until, lease_ms, lease_until, deadline_at, expected_end, takeover_ms)
  VALUES (?, ?, ?, ?, 'draining', CAST(? AS SIGNED), ?, ?, ?, ?, ?, ?, ${now}, ${later('?')}, ?,
    ${leaseEnd(later('?'), later('?'))}, ${later('?')}, ${moment('?')}, ?)`
}

/** A freeze as the statement above reads it. */
export function freezeParameters(f: NewFreeze, namespace: string, epoch: string, database: string): readonly unknown[] {
  const deadlineMs = f.deadlineMs ?? null
  return [
    ...[f.id, namespace, f.nonce, f.kind, epoch, database, f.reason, f.owner, f.holder],
    ...[JSON.stringify(f.exempt), f.onHolderLost, f.drainTimeoutMs, f.leaseMs],
    ...[f.leaseMs, deadlineMs, f.leaseMs, deadlineMs, f.expectedEnd?.getTime() ?? null],
    f.takeoverMs ?? null,
  ]
}
