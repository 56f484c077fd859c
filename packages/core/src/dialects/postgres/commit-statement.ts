import type { NewFreeze } from '../../domain/transition.ts'
import type { TableNames } from './names.ts'
import { databaseIdentity, later } from './snapshot-statements.ts'

/**
 * Applies one change of the cluster's state, all or nothing, if the state still is what the caller read.
 *
 * Every part hangs on `moved`, the compare-and-set of the cluster's one row: when another transition was faster,
 * PostgreSQL re-checks the condition on the row's new version and nothing happens. The row is locked first, and the
 * leases of the freezes to confirm are judged by a subquery on the locked row, so by a clock that is read after the
 * wait. `synchronous_commit` is raised for this transaction alone, so that a change that was answered survives a crash
 * of the server.
 *
 * $1 namespace, $2 expected epoch, $3 expected nonce, $4 expected database, $5 epoch, $6 nonce, $7 mode, $8 database,
 * $9 node, $10 freeze to begin (JSON or null), $11 ids to confirm, $12 endings, $13 ids to keep, $14 events (JSON
 * arrays), $15 channel, $16 payload, $17 synchronous_commit, $18 handovers (JSON array).
 */
export function commitChange(t: TableNames): string {
  return `
WITH durable AS MATERIALIZED (
  SELECT set_config('synchronous_commit',
    CASE WHEN current_setting('synchronous_commit') = 'remote_apply' THEN 'remote_apply' ELSE $17 END, true) AS setting
), locked AS (
  SELECT c.namespace FROM durable, ${t.cluster} c WHERE durable.setting IS NOT NULL AND c.namespace = $1 FOR UPDATE OF c
), moved AS (
  UPDATE ${t.cluster} c SET epoch = $5::bigint, nonce = $6, mode = $7, database_identity = $8, changed_at = clock_timestamp()
  FROM locked
  WHERE c.namespace = locked.namespace AND c.epoch = $2::bigint AND c.nonce = $3
    AND c.database_identity = $4 AND $8 = ${databaseIdentity}
    AND jsonb_array_length($11::jsonb) = (SELECT count(*) FROM ${t.freeze} f
      WHERE f.namespace = locked.namespace AND f.id::text IN (SELECT jsonb_array_elements_text($11::jsonb))
        AND f.ended_at IS NULL AND (f.lease_until IS NULL OR f.lease_until > clock_timestamp())
        AND (f.deadline_at IS NULL OR f.deadline_at > clock_timestamp()))
  RETURNING c.namespace, c.epoch
), begun AS (
  INSERT INTO ${t.freeze} (id, namespace, nonce, kind, phase, epoch, database_identity, reason, owner, holder, exempt,
    on_holder_lost, drain_until, lease_ms, lease_until, deadline_at, expected_end, takeover_ms)
  SELECT b.id, moved.namespace, b.nonce, b.kind, 'draining', moved.epoch, $8, b.reason, b.owner, b.holder, b.exempt,
    b.on_holder_lost, ${later('b.drain_timeout_ms')}, b.lease_ms,
    CASE WHEN b.lease_ms IS NULL THEN NULL ELSE least(${later('b.lease_ms')}, ${later('b.deadline_ms')}) END,
    ${later('b.deadline_ms')}, to_timestamp(b.expected_end_ms / 1000), b.takeover_ms
  FROM moved, jsonb_to_record($10::jsonb) AS b(id uuid, nonce text, kind text, reason text, owner text, holder uuid,
    exempt jsonb, on_holder_lost text, lease_ms integer, drain_timeout_ms integer, deadline_ms bigint, expected_end_ms float8,
    takeover_ms integer)
  WHERE $10::jsonb IS NOT NULL
), confirmed AS (
  UPDATE ${t.freeze} f SET phase = 'read-only', frozen_at = clock_timestamp(),
    lease_until = CASE WHEN f.kind = 'operator' THEN NULL ELSE least(${later('f.lease_ms')}, f.deadline_at) END
  FROM moved WHERE f.id::text IN (SELECT jsonb_array_elements_text($11::jsonb))
), ended AS (
  UPDATE ${t.freeze} f SET ended_at = clock_timestamp(), ended_by = e.by, end_reason = e.why, end_note = e.note
  FROM moved, jsonb_to_recordset($12::jsonb) AS e(id uuid, by text, why text, note text)
  WHERE f.id = e.id AND f.ended_at IS NULL
), kept AS (
  UPDATE ${t.freeze} f SET lease_until = NULL, lease_ms = NULL
  FROM moved WHERE f.id::text IN (SELECT jsonb_array_elements_text($13::jsonb))
), handed AS (
  UPDATE ${t.freeze} f SET nonce = h.nonce, holder = h.holder, on_holder_lost = h."onHolderLost", lease_ms = h."leaseMs",
    lease_until = least(${later('h."leaseMs"')}, f.deadline_at)
  FROM moved, jsonb_to_recordset($18::jsonb) AS h(id uuid, nonce text, holder uuid, "onHolderLost" text, "leaseMs" integer)
  WHERE f.id = h.id AND f.ended_at IS NULL
), logged AS (
  INSERT INTO ${t.event} (namespace, type, epoch, node, freeze_id, detail)
  SELECT moved.namespace, v.type, moved.epoch, $9, v."freezeId", v.detail
  FROM moved, jsonb_to_recordset($14::jsonb) AS v(type text, "freezeId" uuid, detail jsonb)
), hinted AS (
  SELECT pg_notify($15, $16) FROM moved
)
SELECT count(*)::integer AS moved FROM moved, hinted`
}

/** A freeze as the statement above reads it. */
export function freezeParameter(freeze: NewFreeze | undefined): string | null {
  if (freeze === undefined) return null
  return JSON.stringify({
    id: freeze.id,
    nonce: freeze.nonce,
    kind: freeze.kind,
    reason: freeze.reason,
    owner: freeze.owner,
    holder: freeze.holder,
    exempt: freeze.exempt,
    on_holder_lost: freeze.onHolderLost,
    lease_ms: freeze.leaseMs,
    drain_timeout_ms: freeze.drainTimeoutMs,
    deadline_ms: freeze.deadlineMs,
    expected_end_ms: freeze.expectedEnd?.getTime(),
    takeover_ms: freeze.takeoverMs,
  })
}
