import type { TableNames } from './names.ts'
import { epochMs, later, remainingMs } from './snapshot-statements.ts'

const own = `namespace = $1 AND id = $2::uuid AND nonce = $3 AND ended_at IS NULL`

/**
 * $1 namespace, $2 id, $3 nonce, $4 name, $5 reason, $6 owner, $7 holder, $8 on_holder_lost, $9 lease ms, $10 takeover ms,
 * $11 phase, $12 steps, $13 detail of the event.
 */
export function insertRun(t: TableNames): string {
  return `
WITH inserted AS (
  INSERT INTO ${t.run} (namespace, id, nonce, name, reason, owner, holder, on_holder_lost, lease_ms, lease_until, takeover_ms, phase, steps)
  VALUES ($1, $2::uuid, $3, $4, $5, $6, $7::uuid, $8, $9::integer, ${later('$9::integer')}, $10::integer, $11, $12::jsonb)
  RETURNING namespace, id, nonce, holder
), token AS (
  INSERT INTO ${t.runToken} (run_id, nonce) SELECT id, nonce FROM inserted
)
INSERT INTO ${t.event} (namespace, type, node, detail) SELECT namespace, 'run-begun', holder, $13::jsonb FROM inserted`
}

/**
 * Writes a state; a run that ends loses its token.
 * $1 namespace, $2 id, $3 nonce, $4 phase, $5 steps, $6 thawed, $7 outcome, $8 error, $9 progress, $10 freeze id,
 * $11 event, $12 its detail, $13 baseline.
 */
export function saveRun(t: TableNames): string {
  return `
WITH saved AS (
  UPDATE ${t.run} SET phase = $4::text, steps = $5::jsonb, thawed = $6::boolean, baseline = coalesce($13::text, baseline), outcome = $7::text, error = $8::text,
    progress = greatest(progress, $9::integer), freeze_id = coalesce($10::uuid, freeze_id),
    lease_until = ${later('lease_ms')}, ended_at = CASE WHEN $4::text = 'ended' THEN clock_timestamp() END
  WHERE ${own} RETURNING id, namespace, holder, freeze_id
), forgotten AS (
  DELETE FROM ${t.runToken} WHERE $4::text = 'ended' AND run_id IN (SELECT id FROM saved)
), logged AS (
  INSERT INTO ${t.event} (namespace, type, node, freeze_id, detail)
  SELECT namespace, $11, holder, freeze_id, $12::jsonb FROM saved
)
SELECT id FROM saved`
}

/** $1 namespace, $2 id, $3 nonce, $4 progress. */
export function beatRun(t: TableNames): string {
  return `UPDATE ${t.run} SET lease_until = ${later('lease_ms')}, progress = greatest(progress, $4::integer)
  WHERE ${own} AND lease_until > clock_timestamp()
  RETURNING ${remainingMs('lease_until')} AS remaining_ms, cancel_by, cancel_reason`
}

/**
 * Waits for transactions that have proved the old holder's claim, no longer than the lock time-out: they hold the token's
 * row. $1 namespace, $2 id, $3 expected nonce, $4 nonce, $5 holder, $6 lease ms, $7 lock_timeout, $8 event.
 */
export function takeOverRun(t: TableNames): string {
  return `
WITH bounded AS MATERIALIZED (
  SELECT set_config('lock_timeout', $7, true) AS lock_timeout, set_config('synchronous_commit', 'on', true) AS durability
), lost AS (
  SELECT id, holder FROM ${t.run} r, bounded WHERE ${own} AND lease_until <= clock_timestamp() AND lock_timeout IS NOT NULL
  FOR UPDATE OF r
), freed AS (
  UPDATE ${t.runToken} k SET nonce = $4 FROM lost WHERE k.run_id = lost.id RETURNING k.run_id
), taken AS (
  UPDATE ${t.run} r SET nonce = $4, holder = $5::uuid, lease_ms = $6::integer, lease_until = ${later('$6::integer')},
    takeovers = takeovers + 1
  FROM lost, freed WHERE r.id = lost.id AND freed.run_id = lost.id
  RETURNING r.namespace, r.id, r.freeze_id, lost.holder AS lost_holder
), logged AS (
  INSERT INTO ${t.event} (namespace, type, node, freeze_id, detail)
  SELECT namespace, $8, $5, freeze_id, jsonb_build_object('run', id, 'by', $5::text, 'from', lost_holder) FROM taken
)
SELECT id FROM taken`
}

/**
 * Nobody proves a run any more whose freeze is over; waits for transactions that have, no longer than the lock time-out.
 * $1 namespace, $2 freeze ids, $3 lock_timeout.
 */
export function closeProofs(t: TableNames): string {
  return `
WITH bounded AS MATERIALIZED (SELECT set_config('lock_timeout', $3, true) AS lock_timeout)
UPDATE ${t.runToken} k SET nonce = 'over' FROM bounded, ${t.run} r JOIN ${t.freeze} f ON f.id = r.freeze_id
WHERE bounded.lock_timeout IS NOT NULL AND k.run_id = r.id AND k.nonce <> 'over' AND r.namespace = $1 AND r.ended_at IS NULL
  AND f.id::text IN (SELECT jsonb_array_elements_text($2::jsonb)) AND (f.lease_until <= clock_timestamp() OR f.deadline_at <= clock_timestamp())`
}

/** $1 namespace, $2 id, $3 by, $4 reason. */
export function cancelRun(t: TableNames): string {
  return `
WITH cancelled AS (
  UPDATE ${t.run} SET cancel_by = coalesce(cancel_by, $3::text), cancel_reason = coalesce(cancel_reason, $4::text)
  WHERE namespace = $1 AND id = $2::uuid AND ended_at IS NULL RETURNING namespace, id, freeze_id
), logged AS (
  INSERT INTO ${t.event} (namespace, type, node, freeze_id, detail)
  SELECT namespace, 'run-cancel-requested', $3, freeze_id, jsonb_build_object('run', id, 'by', $3::text, 'reason', $4::text)
  FROM cancelled
)
SELECT id FROM cancelled`
}

/**
 * Ends runs without their holders: one by its id, or every one that was lost for longer than its takeover time.
 * $1 namespace, $2 id or null, $3 by, $4 outcome, $5 why.
 */
export function endRuns(t: TableNames): string {
  return `
WITH ended AS (
  UPDATE ${t.run} SET phase = 'ended', outcome = $4::text, error = $5::text, ended_at = clock_timestamp()
  WHERE namespace = $1 AND ended_at IS NULL AND CASE WHEN $2::uuid IS NULL
    THEN lease_until + takeover_ms * interval '1 millisecond' <= clock_timestamp() ELSE id = $2::uuid END
  RETURNING namespace, id, freeze_id, holder
), forgotten AS (
  DELETE FROM ${t.runToken} WHERE run_id IN (SELECT id FROM ended)
), logged AS (
  INSERT INTO ${t.event} (namespace, type, node, freeze_id, detail)
  SELECT namespace, 'run-ended', $3, freeze_id,
    jsonb_build_object('run', id, 'outcome', $4::text, 'by', $3::text, 'holder', holder, 'error', $5::text) FROM ended
)
SELECT id::text AS id FROM ended`
}

const columns = `id::text AS id, nonce, name, reason, owner, holder::text AS holder, on_holder_lost, takeover_ms, takeovers,
  freeze_id::text AS freeze_id, phase, steps::text AS steps, baseline, thawed, outcome, error, progress, cancel_by, cancel_reason,
  CASE WHEN ended_at IS NULL THEN ${remainingMs('lease_until')} END AS lease_remaining_ms,
  ${epochMs('started_at')} AS started_at, ${epochMs('ended_at')} AS ended_at`

/** $1 namespace, $2 id or null, $3 limit. */
export function selectRuns(t: TableNames): string {
  return `SELECT ${columns} FROM ${t.run} WHERE namespace = $1 AND ($2::uuid IS NULL OR id = $2::uuid)
  ORDER BY ${t.run}.started_at DESC, ${t.run}.id LIMIT $3::integer`
}

/** Ends the session of a client that hangs with this transaction open. $1 milliseconds. */
export const boundIdle = `SELECT set_config('idle_in_transaction_session_timeout', $1, true) AS bounded`

/** Answers one row, which nobody takes away before the transaction ends. $1 id, $2 nonce. */
export function proveRun(t: TableNames): string {
  return `SELECT 1 AS proved FROM ${t.runToken} WHERE run_id = $1::uuid AND nonce = $2 FOR SHARE`
}

/** Answers one row while the run's freeze is its holder's. $1 id of the run, $2 nonce of the freeze. */
export function proveFreeze(t: TableNames): string {
  return `SELECT 1 AS proved FROM ${t.freeze} WHERE id = (SELECT freeze_id FROM ${t.run} WHERE id = $1::uuid) AND nonce = $2
  AND ended_at IS NULL AND (lease_until IS NULL OR lease_until > clock_timestamp())
  AND (deadline_at IS NULL OR deadline_at > clock_timestamp())`
}
