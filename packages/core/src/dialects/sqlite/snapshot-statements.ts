import type { TableNames } from './names.ts'
import { later, now, remainingMs } from './time.ts'

/**
 * The identity of the database that answers: the random one of the coordination file, and the inodes of both files, which
 * differ in a copy and after a file was exchanged (a backup that was put in its place). A file that was overwritten in
 * place keeps its inode; an older state shows then by an epoch that went back.
 */
export const identity = (t: TableNames): string =>
  `(SELECT identity FROM ${t.version} ORDER BY version LIMIT 1) || '/' || @marks`

const freezeJson = `json_object(
  'id', f.id, 'nonce', f.nonce, 'kind', f.kind, 'phase', f.phase, 'epoch', CAST(f.epoch AS TEXT),
  'database', f.database_identity, 'reason', f.reason, 'owner', f.owner, 'holder', f.holder, 'exempt', json(f.exempt),
  'onHolderLost', f.on_holder_lost, 'since', f.begun_at, 'expectedEnd', f.expected_end,
  'leaseRemainingMs', ${remainingMs('f.lease_until')}, 'deadlineRemainingMs', ${remainingMs('f.deadline_at')},
  'drainRemainingMs', ${remainingMs('f.drain_until')}, 'takeoverMs', f.takeover_ms)`

/** Parameters: namespace, marks, registered (0 or 1). */
export function selectSnapshot(t: TableNames): string {
  return `SELECT CAST(c.epoch AS TEXT) AS epoch, c.nonce, c.mode, c.database_identity AS token_database,
  ${identity(t)} AS "database", 1 AS is_primary, CAST(@registered AS INTEGER) AS registered,
  (SELECT json_group_array(json(one.freeze)) FROM (SELECT ${freezeJson} AS freeze FROM ${t.freeze} f
    WHERE f.namespace = c.namespace AND f.ended_at IS NULL ORDER BY f.begun_at, f.id) one) AS freezes
FROM ${t.cluster} c WHERE c.namespace = @namespace`
}

/** Parameters: namespace, id, seenEpoch, ackedEpoch, inFlight, unknown, oldest. */
export function renewNode(t: TableNames): string {
  return `UPDATE ${t.node} SET heartbeat_at = ${now}, lease_until = ${later('lease_ms')}, seen_epoch = @seenEpoch,
    acked_epoch = @ackedEpoch, in_flight = @inFlight, unknown_writes = @unknown, oldest = @oldest
  WHERE namespace = @namespace AND id = @id`
}

/** Makes the namespace's row, above every epoch that its other rows have seen. Parameters: namespace, nonce, marks. */
export function insertCluster(t: TableNames): string {
  const newest = (table: string, column: string): string =>
    `coalesce((SELECT max(${column}) FROM ${table} WHERE namespace = @namespace), 0)`
  const active = `SELECT 1 FROM ${t.freeze} WHERE namespace = @namespace AND ended_at IS NULL`
  return `INSERT INTO ${t.cluster} (namespace, epoch, nonce, mode, database_identity, changed_at)
SELECT @namespace, 1 + max(${newest(t.freeze, 'epoch')}, ${newest(t.node, 'seen_epoch')}, ${newest(t.event, 'epoch')}), @nonce,
  CASE WHEN EXISTS (${active} AND phase = 'read-only') THEN 'read-only' WHEN EXISTS (${active}) THEN 'draining'
    ELSE 'read-write' END, ${identity(t)}, ${now}
WHERE true ON CONFLICT (namespace) DO NOTHING`
}
