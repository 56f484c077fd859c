import type { TableNames } from './names.ts'
import { ageMs, later, now, remainingMs } from './time.ts'

/**
 * Adds a node. Parameters: namespace, id, host, pid, pidSpace, startedAtMs, application, libraryVersion, protocolVersion,
 * policyHash, heartbeatMs, leaseMs.
 */
export function insertNode(t: TableNames): string {
  return `INSERT INTO ${t.node} (id, namespace, host, pid, pid_space, process_started_at, application, library_version,
    protocol_version, policy_hash, started_at, heartbeat_at, heartbeat_ms, lease_ms, lease_until)
  VALUES (@id, @namespace, @host, @pid, @pidSpace, @startedAtMs, @application, @libraryVersion,
    @protocolVersion, @policyHash, ${now}, ${now}, @heartbeatMs, @leaseMs, ${later('@leaseMs')})`
}

/** Parameters: namespace, id. */
export function deleteNode(t: TableNames): string {
  return `DELETE FROM ${t.node} WHERE namespace = @namespace AND id = @id`
}

/** Parameters: namespace. */
export function selectNodes(t: TableNames): string {
  return `SELECT id, host, pid, pid_space, process_started_at, application, library_version, protocol_version, policy_hash,
    heartbeat_ms, lease_ms, started_at, CAST(seen_epoch AS TEXT) AS seen_epoch, CAST(acked_epoch AS TEXT) AS acked_epoch,
    in_flight, unknown_writes, oldest, ${ageMs('heartbeat_at')} AS heartbeat_age_ms,
    ${remainingMs('lease_until')} AS lease_remaining_ms, heartbeat_at
  FROM ${t.node} WHERE namespace = @namespace ORDER BY started_at, id`
}

/** Parameters: namespace, which is left out. */
export function selectOtherNamespaces(t: TableNames): string {
  return `SELECT namespace, COUNT(*) AS nodes FROM ${t.node}
  WHERE namespace <> @namespace AND lease_until > ${now} GROUP BY namespace ORDER BY namespace`
}

/** Nodes that have been lost for long. Parameters: namespace, afterMs. */
export function selectLostNodes(t: TableNames): string {
  return `SELECT id FROM ${t.node} WHERE namespace = @namespace AND lease_until + @afterMs < ${now}`
}
