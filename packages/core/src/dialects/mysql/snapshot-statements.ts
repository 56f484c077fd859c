import { quoteLiteral, type TableNames } from './names.ts'
import type { ServerLanguage } from './server.ts'
import { epochMs, later, now, remainingMs } from './time.ts'

/** The identity of the database that answers: the server's, and the name of the database that holds the tables. */
export function databaseIdentity({ schema }: TableNames, { identity }: ServerLanguage): string {
  const database = schema === undefined ? 'DATABASE()' : quoteLiteral(schema)
  return `CONVERT(CONCAT_WS('/', ${identity}, ${database}) USING utf8mb4)`
}

/** The state and its active freezes, one row a freeze; read in one statement, so from one moment. ? namespace. */
export function selectSnapshot(t: TableNames, language: ServerLanguage): string {
  return `
SELECT c.epoch, c.nonce, c.mode, c.database_identity AS token_database, ${databaseIdentity(t, language)} AS current_identity,
  ${language.isPrimary} AS is_primary,
  f.id AS freeze_id, f.nonce AS freeze_nonce, f.kind, f.phase, f.epoch AS freeze_epoch,
  f.database_identity AS freeze_database, f.reason, f.owner, f.holder, f.exempt, f.on_holder_lost,
  ${epochMs('f.begun_at')} AS since, ${epochMs('f.expected_end')} AS expected_end,
  ${remainingMs('f.lease_until')} AS lease_remaining_ms, ${remainingMs('f.deadline_at')} AS deadline_remaining_ms,
  ${remainingMs('f.drain_until')} AS drain_remaining_ms, f.takeover_ms
FROM ${t.cluster} c LEFT JOIN ${t.freeze} f ON f.namespace = c.namespace AND f.ended_at IS NULL
WHERE c.namespace = ? ORDER BY f.begun_at, f.id`
}

/** Renews a node's lease and stores its report. ? seen epoch, acked epoch, in flight, unknown, oldest, node, namespace. */
export function beat(t: TableNames): string {
  return `
UPDATE ${t.node} SET heartbeat_at = ${now}, lease_until = ${later('lease_ms')}, seen_epoch = CAST(? AS SIGNED),
  acked_epoch = CAST(? AS SIGNED), in_flight = ?, unknown_writes = ?, oldest = ?
WHERE id = ? AND namespace = ?`
}

/** ? namespace. */
export function selectNamespace(t: TableNames): string {
  return `SELECT 1 FROM ${t.cluster} WHERE namespace = ?`
}

/** Makes the namespace's row, above every epoch that its other rows have seen. ? namespace, nonce, 5 × namespace. */
export function insertCluster(t: TableNames, language: ServerLanguage): string {
  const highest = (column: string, table: string): string =>
    `COALESCE((SELECT MAX(${column}) FROM ${table} WHERE namespace = ?), 0)`
  const active = `EXISTS (SELECT 1 FROM ${t.freeze} WHERE namespace = ? AND ended_at IS NULL`
  return `
INSERT INTO ${t.cluster} (namespace, nonce, epoch, mode, database_identity, changed_at)
VALUES (?, ?, 1 + GREATEST(${highest('epoch', t.freeze)}, ${highest('seen_epoch', t.node)}, ${highest('epoch', t.event)}),
  CASE WHEN ${active} AND phase = 'read-only') THEN 'read-only' WHEN ${active}) THEN 'draining' ELSE 'read-write' END,
  ${databaseIdentity(t, language)}, ${now})
ON DUPLICATE KEY UPDATE namespace = namespace`
}
