import type { NewFreeze } from '../../domain/transition.ts'
import type { Parameters } from './executor.ts'
import type { TableNames } from './names.ts'
import { identity } from './snapshot-statements.ts'
import { later, leaseEnd, now } from './time.ts'

/** A freeze that has neither ended nor run out. */
export const alive: string = `ended_at IS NULL AND (lease_until IS NULL OR lease_until > ${now})
    AND (deadline_at IS NULL OR deadline_at > ${now})`

/**
 * The compare-and-set on which a change hangs. Parameters: namespace, marks; expectedEpoch, expectedNonce,
 * expectedDatabase; epoch, nonce, mode, database.
 */
export function moveCluster(t: TableNames): string {
  return `UPDATE ${t.cluster} SET epoch = @epoch, nonce = @nonce, mode = @mode, database_identity = @database, changed_at = ${now}
  WHERE namespace = @namespace AND epoch = CAST(@expectedEpoch AS INTEGER) AND nonce = @expectedNonce
    AND database_identity = @expectedDatabase AND @database = ${identity(t)}`
}

/** Confirms a freeze and renews its lease; an operator's has none from here on. Parameters: id. */
export function confirmFreeze(t: TableNames): string {
  return `UPDATE ${t.freeze} SET phase = 'read-only', frozen_at = ${now},
    lease_until = CASE WHEN kind = 'operator' THEN NULL ELSE ${leaseEnd(later('lease_ms'), 'deadline_at')} END
  WHERE id = @id`
}

/** Parameters: id, by, why, note. */
export function endFreeze(t: TableNames): string {
  return `UPDATE ${t.freeze} SET ended_at = ${now}, ended_by = @by, end_reason = @why, end_note = @note
  WHERE id = @id AND ended_at IS NULL`
}

/** Parameters: id. */
export function keepFreeze(t: TableNames): string {
  return `UPDATE ${t.freeze} SET lease_until = NULL, lease_ms = NULL WHERE id = @id`
}

/** Parameters: id, nonce, holder, onHolderLost, leaseMs. */
export function handFreeze(t: TableNames): string {
  return `UPDATE ${t.freeze} SET nonce = @nonce, holder = @holder, on_holder_lost = @onHolderLost, lease_ms = @leaseMs,
    lease_until = ${leaseEnd(later('@leaseMs'), 'deadline_at')} WHERE id = @id AND ended_at IS NULL`
}

/** Parameters: {@link freezeParameters}. */
export function beginFreeze(t: TableNames): string {
  return `INSERT INTO ${t.freeze} (id, namespace, nonce, kind, phase, epoch, database_identity, reason, owner, holder, exempt,
    on_holder_lost, begun_at, drain_until, lease_ms, lease_until, deadline_at, expected_end, takeover_ms)
  VALUES (@id, @namespace, @nonce, @kind, 'draining', @epoch, @database, @reason, @owner, @holder, @exempt,
    @onHolderLost, ${now}, ${later('@drainTimeoutMs')}, @leaseMs, ${leaseEnd(later('@leaseMs'), later('@deadlineMs'))},
    ${later('@deadlineMs')}, @expectedEnd, @takeoverMs)`
}

/** A freeze as the statement above reads it. */
export function freezeParameters(f: NewFreeze, namespace: string, epoch: string, database: string): Parameters {
  return {
    id: f.id,
    namespace,
    nonce: f.nonce,
    kind: f.kind,
    epoch,
    database,
    reason: f.reason,
    owner: f.owner,
    holder: f.holder,
    exempt: JSON.stringify(f.exempt),
    onHolderLost: f.onHolderLost,
    drainTimeoutMs: f.drainTimeoutMs,
    leaseMs: f.leaseMs,
    deadlineMs: f.deadlineMs ?? null,
    expectedEnd: f.expectedEnd?.getTime() ?? null,
    takeoverMs: f.takeoverMs ?? null,
  }
}
