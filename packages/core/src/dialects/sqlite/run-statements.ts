import type { TableNames } from './names.ts'
import { later, now, remainingMs } from './time.ts'

const own = 'id = @id AND namespace = @namespace AND nonce = @nonce AND ended_at IS NULL'

/** Parameters: namespace, id, nonce, name, reason, owner, holder, onHolderLost, leaseMs, takeoverMs, phase, steps. */
export function insertRun(t: TableNames): string {
  return `INSERT INTO ${t.run} (namespace, id, nonce, name, reason, owner, holder, on_holder_lost, lease_ms, lease_until,
    takeover_ms, phase, steps, started_at)
  VALUES (@namespace, @id, @nonce, @name, @reason, @owner, @holder, @onHolderLost, @leaseMs, ${later('@leaseMs')},
    @takeoverMs, @phase, @steps, ${now})`
}

/** Parameters: baseline, phase, steps, thawed, outcome, error, progress, freezeId, id, namespace, nonce. */
export function saveRun(t: TableNames): string {
  return `UPDATE ${t.run} SET baseline = coalesce(@baseline, baseline), phase = @phase, steps = @steps, thawed = @thawed, outcome = @outcome, error = @error,
    progress = max(progress, @progress), freeze_id = coalesce(@freezeId, freeze_id), lease_until = ${later('lease_ms')},
    ended_at = CASE WHEN @phase = 'ended' THEN ${now} END
  WHERE ${own} RETURNING holder, freeze_id`
}

/** Parameters: progress, id, namespace, nonce. */
export function beatRun(t: TableNames): string {
  return `UPDATE ${t.run} SET lease_until = ${later('lease_ms')}, progress = max(progress, @progress)
  WHERE ${own} AND lease_until > ${now} RETURNING ${remainingMs('lease_until')} AS remaining_ms, cancel_by, cancel_reason`
}

/** Parameters: id, namespace, nonce, newNonce, holder, leaseMs. */
export function takeOverRun(t: TableNames): string {
  return `UPDATE ${t.run} SET nonce = @newNonce, holder = @holder, lease_ms = @leaseMs, lease_until = ${later('@leaseMs')},
    takeovers = takeovers + 1 WHERE ${own} AND lease_until <= ${now} RETURNING freeze_id`
}

/** Parameters: by, reason, id, namespace. */
export function cancelRun(t: TableNames): string {
  return `UPDATE ${t.run} SET cancel_by = coalesce(cancel_by, @by), cancel_reason = coalesce(cancel_reason, @reason)
  WHERE id = @id AND namespace = @namespace AND ended_at IS NULL RETURNING freeze_id`
}

/** One run by its id, or every one that was lost for longer than its takeover time. Parameters: namespace, id, outcome, error. */
export function endRuns(t: TableNames): string {
  return `UPDATE ${t.run} SET phase = 'ended', outcome = @outcome, error = @error, ended_at = ${now}
  WHERE namespace = @namespace AND ended_at IS NULL
    AND CASE WHEN @id IS NULL THEN lease_until + takeover_ms <= ${now} ELSE id = @id END
  RETURNING id, holder, freeze_id`
}

/** Parameters: namespace, id or null, limit. */
export function selectRuns(t: TableNames): string {
  return `SELECT id, nonce, name, reason, owner, holder, on_holder_lost, takeover_ms, takeovers, freeze_id, phase, steps, baseline, thawed,
    outcome, error, progress, cancel_by, cancel_reason, ${remainingMs('lease_until')} AS lease_remaining_ms, started_at, ended_at
  FROM ${t.run} WHERE namespace = @namespace AND (@id IS NULL OR id = @id)
  ORDER BY started_at DESC, id LIMIT CAST(@limit AS INTEGER)`
}
