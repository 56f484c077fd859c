import type { TableNames } from './names.ts'
import type { ServerLanguage } from './server.ts'
import { epochMs, later, now, remainingMs } from './time.ts'

const own = 'id = ? AND namespace = ? AND nonce = ? AND ended_at IS NULL'

/** ? namespace, id, nonce, name, reason, owner, holder, on_holder_lost, lease ms, lease ms, takeover ms, phase, steps. */
export function insertRun(t: TableNames): string {
  return `INSERT INTO ${t.run} (namespace, id, nonce, name, reason, owner, holder, on_holder_lost, lease_ms, lease_until,
    takeover_ms, phase, steps, takeovers, thawed, progress, started_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ${later('?')}, ?, ?, ?, 0, 0, 0, ${now})`
}

/** ? id, nonce. */
export function insertToken(t: TableNames): string {
  return `INSERT INTO ${t.runToken} (run_id, nonce) VALUES (?, ?)`
}

/** ? nonce, id: waits for transactions that have proved the old holder's claim. */
export function moveToken(t: TableNames): string {
  return `UPDATE ${t.runToken} SET nonce = ? WHERE run_id = ?`
}

/** ? id. */
export function deleteToken(t: TableNames): string {
  return `DELETE FROM ${t.runToken} WHERE run_id = ?`
}

/** ? baseline, phase, steps, thawed, outcome, error, progress, freeze id, phase, id, namespace, nonce. */
export function saveRun(t: TableNames): string {
  return `UPDATE ${t.run} SET baseline = COALESCE(?, baseline), phase = ?, steps = ?, thawed = ?, outcome = ?, error = ?, progress = GREATEST(progress, ?),
    freeze_id = COALESCE(?, freeze_id), lease_until = ${later('lease_ms')},
    ended_at = CASE WHEN ? = 'ended' THEN ${now} END WHERE ${own}`
}

/** ? progress, id, namespace, nonce. */
export function beatRun(t: TableNames): string {
  return `UPDATE ${t.run} SET lease_until = ${later('lease_ms')}, progress = GREATEST(progress, ?)
  WHERE ${own} AND lease_until > ${now}`
}

/** ? id, nonce. */
export function selectBeat(t: TableNames): string {
  return `SELECT ${remainingMs('lease_until')} AS remaining_ms, cancel_by, cancel_reason FROM ${t.run}
  WHERE id = ? AND nonce = ?`
}

/** The holder and freeze of a run whose lease is over, locked. ? id, namespace, nonce. */
export function lockLostRun(t: TableNames): string {
  return `SELECT holder, freeze_id FROM ${t.run} WHERE ${own} AND lease_until <= ${now} FOR UPDATE`
}

/** Locks a token, no longer waiting than the statement may take. ? id. */
export function lockToken(t: TableNames, language: ServerLanguage, waitMs: number): string {
  return language.bounded(`SELECT run_id FROM ${t.runToken} WHERE run_id = ? FOR UPDATE`, waitMs)
}

/** Runs that may be proved although their freeze is over. ? namespace, freeze id. */
export function selectProvable(t: TableNames): string {
  return `SELECT r.id FROM ${t.run} r JOIN ${t.freeze} f ON f.id = r.freeze_id JOIN ${t.runToken} k ON k.run_id = r.id
  WHERE r.namespace = ? AND f.id = ? AND r.ended_at IS NULL AND k.nonce <> 'over'
    AND (f.lease_until <= ${now} OR f.deadline_at <= ${now})`
}

/** ? nonce, holder, lease ms, lease ms, id. */
export function takeOverRun(t: TableNames): string {
  return `UPDATE ${t.run} SET nonce = ?, holder = ?, lease_ms = ?, lease_until = ${later('?')}, takeovers = takeovers + 1
  WHERE id = ?`
}

/** ? by, reason, id, namespace. */
export function cancelRun(t: TableNames): string {
  return `UPDATE ${t.run} SET cancel_by = COALESCE(cancel_by, ?), cancel_reason = COALESCE(cancel_reason, ?)
  WHERE id = ? AND namespace = ? AND ended_at IS NULL`
}

/** Locks an active run. ? id, namespace. */
export function lockRun(t: TableNames): string {
  return `SELECT id, holder, freeze_id FROM ${t.run} WHERE id = ? AND namespace = ? AND ended_at IS NULL FOR UPDATE`
}

/** Locks runs that were lost for longer than their takeover time. ? namespace. */
export function lockLostRuns(t: TableNames): string {
  return `SELECT id, holder, freeze_id FROM ${t.run} WHERE namespace = ? AND ended_at IS NULL
    AND lease_until + INTERVAL takeover_ms * 1000 MICROSECOND <= ${now} FOR UPDATE SKIP LOCKED`
}

/** ? outcome, error, id. */
export function endRun(t: TableNames): string {
  return `UPDATE ${t.run} SET phase = 'ended', outcome = ?, error = ?, ended_at = ${now} WHERE id = ? AND ended_at IS NULL`
}

const columns = `id, nonce, name, reason, owner, holder, on_holder_lost, takeover_ms, takeovers, freeze_id, phase, steps, baseline,
  thawed, outcome, error, progress, cancel_by, cancel_reason, ${remainingMs('lease_until')} AS lease_remaining_ms,
  ${epochMs('started_at')} AS started_at, ${epochMs('ended_at')} AS ended_at`

/** ? namespace, limit. */
export function selectRuns(t: TableNames): string {
  return `SELECT ${columns} FROM ${t.run} r WHERE namespace = ? ORDER BY r.started_at DESC, r.id LIMIT ?`
}

/** ? namespace, id. */
export function selectRun(t: TableNames): string {
  return `SELECT ${columns} FROM ${t.run} r WHERE namespace = ? AND id = ?`
}

/** Answers one row, which nobody takes away before the transaction ends. ? id, nonce. */
export function proveRun(t: TableNames): string {
  return `SELECT 1 AS proved FROM ${t.runToken} WHERE run_id = ? AND nonce = ? LOCK IN SHARE MODE`
}

/** Answers one row while the run's freeze is its holder's. ? id of the run, nonce of the freeze. */
export function proveFreeze(t: TableNames): string {
  return `SELECT 1 AS proved FROM ${t.freeze} WHERE id = (SELECT freeze_id FROM ${t.run} WHERE id = ?) AND nonce = ?
  AND ended_at IS NULL AND (lease_until IS NULL OR lease_until > ${now}) AND (deadline_at IS NULL OR deadline_at > ${now})`
}
