import type { TableNames } from './names.ts'
import { epochMs, later, remainingMs } from './snapshot-statements.ts'

/**
 * Adds a node, with an event. $1 namespace, $2 id, $3 host, $4 pid, $5 application, $6 library version,
 * $7 protocol version, $8 policy hash, $9 heartbeat ms, $10 lease ms.
 *
 * Durable wherever the database commits asynchronously: a crash must not forget a node that goes on writing.
 */
export function insertNode(t: TableNames): string {
  return `
WITH durable AS MATERIALIZED (
  SELECT set_config('synchronous_commit',
    CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)
    AS setting
), joined AS (
  INSERT INTO ${t.node} (id, namespace, host, pid, application, library_version, protocol_version, policy_hash,
    heartbeat_ms, lease_ms, lease_until)
  SELECT $2::uuid, $1, $3, $4::integer, $5, $6, $7::integer, $8, $9::integer, $10::integer, ${later('$10::integer')}
  FROM durable WHERE durable.setting IS NOT NULL
  RETURNING id, host, pid
)
INSERT INTO ${t.event} (namespace, type, node, detail)
SELECT $1, 'node-joined', id::text, jsonb_build_object('host', host, 'pid', pid) FROM joined`
}

/** Removes a node that leaves, with an event. $1 namespace, $2 id. */
export function deleteNode(t: TableNames): string {
  return `
WITH gone AS (DELETE FROM ${t.node} WHERE namespace = $1 AND id = $2::uuid RETURNING id)
INSERT INTO ${t.event} (namespace, type, node) SELECT $1, 'node-left', id::text FROM gone`
}

/** $1 namespace. */
export function selectNodes(t: TableNames): string {
  return `
SELECT id::text AS id, host, pid, application, library_version, protocol_version, policy_hash, heartbeat_ms, lease_ms,
  ${epochMs('started_at')} AS started_at, seen_epoch::text AS seen_epoch, acked_epoch::text AS acked_epoch, in_flight,
  unknown_writes, oldest, ${epochMs('clock_timestamp() - heartbeat_at')} AS heartbeat_age_ms,
  ${remainingMs('lease_until')} AS lease_remaining_ms
FROM ${t.node} WHERE namespace = $1 ORDER BY started_at, id`
}

/** $1 namespace, which is left out. */
export function selectOtherNamespaces(t: TableNames): string {
  return `
SELECT namespace, count(*)::integer AS nodes FROM ${t.node}
WHERE namespace <> $1 AND lease_until > clock_timestamp() GROUP BY namespace ORDER BY namespace`
}

/** Removes nodes that have been lost for long, with events. $1 namespace, $2 milliseconds. */
export function reapNodes(t: TableNames): string {
  return `
WITH gone AS (
  DELETE FROM ${t.node} WHERE namespace = $1 AND lease_until + $2::float8 * interval '1 millisecond' < clock_timestamp()
  RETURNING id
), logged AS (
  INSERT INTO ${t.event} (namespace, type, node) SELECT $1, 'node-lost', id::text FROM gone
)
SELECT id::text AS id FROM gone`
}
