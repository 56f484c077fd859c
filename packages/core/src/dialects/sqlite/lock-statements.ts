import type { TableNames } from './names.ts'
import { ageMs, later, now, remainingMs } from './time.ts'

const columns = `name, CAST(token AS TEXT) AS token, holder, owner, acquired_at, ${ageMs('acquired_at')} AS held_for_ms,
  ${remainingMs('lease_until')} AS lease_remaining_ms`

/**
 * Takes a lock that is free or whose lease is over. The row stays when a lock is released, so its token only grows.
 * Parameters: namespace, name, holder, nonce, owner, leaseMs.
 */
export function takeLock(t: TableNames): string {
  return `INSERT INTO ${t.lock} AS l (namespace, name, token, holder, nonce, owner, acquired_at, lease_until)
  VALUES (@namespace, @name, 1, @holder, @nonce, @owner, ${now}, ${later('@leaseMs')})
  ON CONFLICT (namespace, name) DO UPDATE SET token = l.token + 1, taken_over_from = l.holder, holder = excluded.holder,
    nonce = excluded.nonce, owner = excluded.owner, acquired_at = excluded.acquired_at, lease_until = excluded.lease_until
  WHERE l.holder IS NULL OR l.lease_until <= ${now}
  RETURNING CAST(token AS TEXT) AS token, taken_over_from`
}

const held = `namespace = @namespace AND name = @name AND nonce = @nonce AND lease_until > ${now}`
const freed = `holder = NULL, nonce = NULL, owner = NULL, taken_over_from = NULL, lease_until = NULL`

/** Parameters: namespace, name, nonce, leaseMs. */
export function renewLock(t: TableNames): string {
  return `UPDATE ${t.lock} SET lease_until = ${later('@leaseMs')} WHERE ${held}`
}

/** Parameters: namespace, name, nonce. */
export function releaseLock(t: TableNames): string {
  return `UPDATE ${t.lock} SET ${freed} WHERE ${held}`
}

/** Parameters: namespace. */
export function selectLocks(t: TableNames): string {
  return `SELECT ${columns} FROM ${t.lock} WHERE namespace = @namespace ORDER BY name`
}

/** Parameters: namespace, name. */
export function selectLock(t: TableNames): string {
  return `SELECT ${columns} FROM ${t.lock} WHERE namespace = @namespace AND name = @name`
}

/** Held locks that a selection names. Parameters: namespace, type (`holder`, `dead` or `name`), chosen. */
export function selectChosenLocks(t: TableNames): string {
  return `SELECT ${columns} FROM ${t.lock} WHERE namespace = @namespace AND holder IS NOT NULL
    AND CASE @type WHEN 'holder' THEN holder = @chosen WHEN 'dead' THEN lease_until <= ${now} WHEN 'name' THEN name = @chosen END
  ORDER BY name`
}

/** Frees a lock, whoever holds it. Parameters: namespace, name. */
export function freeLock(t: TableNames): string {
  return `UPDATE ${t.lock} SET ${freed} WHERE namespace = @namespace AND name = @name`
}
