import type { TableNames } from './names.ts'
import { ageMs, epochMs, later, now, remainingMs } from './time.ts'

/**
 * Adds a node. ? namespace, id, host, pid, application, library version, protocol version, policy hash, heartbeat ms,
 * lease ms, lease ms.
 */
export function insertNode(t: TableNames): string {
  return `INSERT INTO ${t.node} (namespace, id, host, pid, application, library_version, protocol_version, policy_hash,
    heartbeat_ms, lease_ms, lease_until, started_at, heartbeat_at, seen_epoch, acked_epoch, in_flight, unknown_writes)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${later('?')}, ${now}, ${now}, 0, 0, 0, 0)`
}

/** ? namespace, id. */
export function deleteNode(t: TableNames): string {
  return `DELETE FROM ${t.node} WHERE namespace = ? AND id = ?`
}

/** ? namespace. */
export function selectNodes(t: TableNames): string {
  return `SELECT id, host, pid, application, library_version, protocol_version, policy_hash, heartbeat_ms, lease_ms,
    ${epochMs('started_at')} AS started_at, seen_epoch, acked_epoch, in_flight, unknown_writes, oldest,
    ${ageMs('heartbeat_at')} AS heartbeat_age_ms, ${remainingMs('lease_until')} AS lease_remaining_ms
  FROM ${t.node} WHERE namespace = ? ORDER BY started_at, id`
}

/** ? namespace, which is left out. */
export function selectOtherNamespaces(t: TableNames): string {
  return `SELECT namespace, COUNT(*) AS nodes FROM ${t.node}
  WHERE namespace <> ? AND lease_until > ${now} GROUP BY namespace ORDER BY namespace`
}

/** Locks the nodes that have been lost for long, except those that somebody else is at. ? namespace, milliseconds. */
export function lockLostNodes(t: TableNames): string {
  return `SELECT id FROM ${t.node}
  WHERE namespace = ? AND lease_until + INTERVAL (?) * 1000 MICROSECOND < ${now} FOR UPDATE SKIP LOCKED`
}
