import type { TableNames } from './names.ts'

/** Milliseconds since 1970 of a timestamp, as a number that every driver reads alike. */
export const epochMs = (expression: string): string => `(extract(epoch FROM ${expression}) * 1000)::float8`

/** Milliseconds from now, by the database's clock as it runs (`now()` would stand still in a transaction). */
export const remainingMs = (expression: string): string => epochMs(`(${expression}) - clock_timestamp()`)

/** `clock_timestamp()` plus a parameter or column of milliseconds. */
export const later = (ms: string): string => `clock_timestamp() + (${ms}) * interval '1 millisecond'`

/**
 * The identity of the database that answers: the cluster's system identifier, its timeline (a promoted standby has the
 * next one) and the database's oid (a copy in the same server has another one). Readable by an unprivileged role.
 */
export const databaseIdentity = `(
  (SELECT system_identifier::text FROM pg_control_system()) || '/' ||
  (CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END) || '/' ||
  (SELECT oid::text FROM pg_database WHERE datname = current_database()))`

const freezeJson = `json_build_object(
  'id', f.id, 'nonce', f.nonce, 'kind', f.kind, 'phase', f.phase, 'epoch', f.epoch::text,
  'database', f.database_identity, 'reason', f.reason, 'owner', f.owner, 'holder', f.holder, 'exempt', f.exempt,
  'onHolderLost', f.on_holder_lost, 'since', ${epochMs('f.begun_at')}, 'expectedEnd', ${epochMs('f.expected_end')},
  'leaseRemainingMs', ${remainingMs('f.lease_until')}, 'deadlineRemainingMs', ${remainingMs('f.deadline_at')},
  'drainRemainingMs', ${remainingMs('f.drain_until')}, 'takeoverMs', f.takeover_ms)`

/** The columns of a snapshot; `registered` tells whether the asking node's row was there. */
function snapshotColumns(t: TableNames, registered: string): string {
  return `c.epoch::text AS epoch, c.nonce, c.mode, c.database_identity AS token_database,
  ${databaseIdentity} AS database, NOT pg_is_in_recovery() AS is_primary, ${registered} AS registered,
  coalesce((SELECT json_agg(${freezeJson} ORDER BY f.begun_at) FROM ${t.freeze} f
    WHERE f.namespace = c.namespace AND f.ended_at IS NULL), '[]'::json)::text AS freezes`
}

/** $1 namespace. */
export function selectSnapshot(t: TableNames): string {
  return `SELECT ${snapshotColumns(t, 'true')} FROM ${t.cluster} c WHERE c.namespace = $1`
}

/**
 * Renews a node's lease, stores its report and reads the state, in one statement.
 * $1 namespace, $2 node, $3 seen epoch, $4 acked epoch, $5 in flight, $6 unknown, $7 oldest.
 */
export function beatAndSelect(t: TableNames): string {
  return `
WITH beat AS (
  UPDATE ${t.node} SET heartbeat_at = clock_timestamp(), lease_until = ${later('lease_ms')}, seen_epoch = $3::bigint,
    acked_epoch = $4::bigint, in_flight = $5::integer, unknown_writes = $6::integer, oldest = $7::text
  WHERE id = $2::uuid AND namespace = $1 RETURNING id
)
SELECT ${snapshotColumns(t, 'EXISTS (SELECT FROM beat)')} FROM ${t.cluster} c WHERE c.namespace = $1`
}

/** Makes the namespace's row, above every epoch that its other rows have seen. $1 namespace, $2 nonce. */
export function insertCluster(t: TableNames): string {
  return `
INSERT INTO ${t.cluster} (namespace, epoch, nonce, mode, database_identity)
SELECT $1, 1 + greatest(
    (SELECT max(epoch) FROM ${t.freeze} WHERE namespace = $1), (SELECT max(seen_epoch) FROM ${t.node} WHERE namespace = $1),
    (SELECT max(epoch) FROM ${t.event} WHERE namespace = $1), 0), $2,
  CASE WHEN EXISTS (SELECT FROM ${t.freeze} WHERE namespace = $1 AND ended_at IS NULL AND phase = 'read-only') THEN 'read-only'
    WHEN EXISTS (SELECT FROM ${t.freeze} WHERE namespace = $1 AND ended_at IS NULL) THEN 'draining' ELSE 'read-write' END,
  ${databaseIdentity}
ON CONFLICT (namespace) DO NOTHING`
}
