import type { TableNames } from './names.ts'
import { epochMs, later, remainingMs } from './snapshot-statements.ts'

const columns = `l.name, l.token::text AS token, l.holder::text AS holder, l.owner,
  ${epochMs('l.acquired_at')} AS acquired_at, ${epochMs('clock_timestamp() - l.acquired_at')} AS held_for_ms,
  ${remainingMs('l.lease_until')} AS lease_remaining_ms`

/**
 * Takes a lock that is free or whose lease is over, and otherwise reads who holds it.
 *
 * The row stays when a lock is released, so its token only grows. `lock_timeout` and `synchronous_commit` are set for
 * this transaction alone; the inserted row is made from them, so they are in force before any wait.
 *
 * $1 namespace, $2 name, $3 holder, $4 nonce, $5 owner, $6 lease ms, $7 lock_timeout.
 */
export function acquireLock(t: TableNames): string {
  return `
WITH bounded AS MATERIALIZED (
  SELECT set_config('lock_timeout', $7, true) AS lock_timeout, set_config('synchronous_commit', 'on', true) AS durability
), taken AS (
  INSERT INTO ${t.lock} AS l (namespace, name, token, holder, nonce, owner, acquired_at, lease_until)
  SELECT $1, $2, 1, $3::uuid, $4, $5, clock_timestamp(), ${later('$6::integer')}
  FROM bounded WHERE lock_timeout IS NOT NULL AND durability IS NOT NULL
  ON CONFLICT (namespace, name) DO UPDATE SET token = l.token + 1, taken_over_from = l.holder, holder = excluded.holder,
    nonce = excluded.nonce, owner = excluded.owner, acquired_at = clock_timestamp(), lease_until = ${later('$6::integer')}
  WHERE l.holder IS NULL OR l.lease_until <= clock_timestamp()
  RETURNING l.token::text AS taken_token, l.taken_over_from::text AS taken_over_from
), logged AS (
  INSERT INTO ${t.event} (namespace, type, node, detail)
  SELECT $1, 'lock-taken-over', $3, jsonb_build_object('lock', $2::text, 'token', taken_token, 'from', taken_over_from)
  FROM taken WHERE taken_over_from IS NOT NULL
)
SELECT taken.*, held.* FROM (SELECT 1) one LEFT JOIN taken ON true
  LEFT JOIN (SELECT ${columns} FROM ${t.lock} l WHERE l.namespace = $1 AND l.name = $2) held ON true`
}

const held = `namespace = $1 AND name = $2 AND nonce = $3 AND lease_until > clock_timestamp()`

/** $1 namespace, $2 name, $3 nonce, $4 lease ms. */
export function renewLock(t: TableNames): string {
  return `UPDATE ${t.lock} SET lease_until = ${later('$4::integer')} WHERE ${held} RETURNING token`
}

/** $1 namespace, $2 name, $3 nonce. */
export function releaseLock(t: TableNames): string {
  return `UPDATE ${t.lock} SET holder = NULL, nonce = NULL, owner = NULL, taken_over_from = NULL, lease_until = NULL
  WHERE ${held} RETURNING token`
}

/** $1 namespace. */
export function selectLocks(t: TableNames): string {
  return `SELECT ${columns} FROM ${t.lock} l WHERE l.namespace = $1 ORDER BY l.name`
}

/**
 * Frees locks without asking their holders, records each, and reads what they were.
 * $1 namespace, $2 node, $3 selection (`holder`, `dead` or `name`), $4 holder or name, $5 reason.
 */
export function freeLocks(t: TableNames): string {
  return `
WITH chosen AS (
  SELECT ${columns} FROM ${t.lock} l WHERE l.namespace = $1 AND l.holder IS NOT NULL AND CASE $3::text
    WHEN 'holder' THEN l.holder::text = $4 WHEN 'dead' THEN l.lease_until <= clock_timestamp() WHEN 'name' THEN l.name = $4 END
  FOR UPDATE
), freed AS (
  UPDATE ${t.lock} l SET holder = NULL, nonce = NULL, owner = NULL, taken_over_from = NULL, lease_until = NULL
  FROM chosen WHERE l.namespace = $1 AND l.name = chosen.name
), logged AS (
  INSERT INTO ${t.event} (namespace, type, node, detail)
  SELECT $1, 'lock-released', $2, jsonb_build_object('lock', name, 'token', token, 'holder', holder, 'owner', owner,
    'why', $3::text, 'reason', $5::text) FROM chosen
)
SELECT * FROM chosen`
}
