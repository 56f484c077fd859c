import type { LockSelection } from '../../domain/lock-record.ts'
import type { TableNames } from './names.ts'
import { ageMs, epochMs, later, now, remainingMs } from './time.ts'

const columns = `name, token, holder, owner, ${epochMs('acquired_at')} AS acquired_at, ${ageMs('acquired_at')} AS held_for_ms,
  ${remainingMs('lease_until')} AS lease_remaining_ms`

/** ? namespace, name. */
export function lockRow(t: TableNames): string {
  return `SELECT ${columns} FROM ${t.lock} WHERE namespace = ? AND name = ? FOR UPDATE`
}

/**
 * Makes the row of a lock that nobody has taken yet, outside of any transaction: two that lock a row which is not there
 * and then insert it would deadlock. ? namespace, name.
 */
export function insertLock(t: TableNames): string {
  return `INSERT INTO ${t.lock} (namespace, name, token) VALUES (?, ?, 0) ON DUPLICATE KEY UPDATE token = token`
}

/**
 * Takes a lock that is free or whose lease is over. The row stays when a lock is released, so its token only grows.
 * Columns are assigned from left to right: the old holder is kept before the new one is written.
 *
 * ? holder, nonce, owner, lease ms, namespace, name.
 */
export function takeLock(t: TableNames): string {
  return `UPDATE ${t.lock} SET token = token + 1, taken_over_from = holder, holder = ?, nonce = ?, owner = ?,
    acquired_at = ${now}, lease_until = ${later('?')}
  WHERE namespace = ? AND name = ? AND (holder IS NULL OR lease_until <= ${now})`
}

const free = 'holder = NULL, nonce = NULL, owner = NULL, taken_over_from = NULL, lease_until = NULL'
const held = `namespace = ? AND name = ? AND nonce = ? AND lease_until > ${now}`

/** ? lease ms, namespace, name, nonce. */
export function renewLock(t: TableNames): string {
  return `UPDATE ${t.lock} SET lease_until = ${later('?')} WHERE ${held}`
}

/** ? namespace, name, nonce. */
export function releaseLock(t: TableNames): string {
  return `UPDATE ${t.lock} SET ${free} WHERE ${held}`
}

/** ? namespace. */
export function selectLocks(t: TableNames): string {
  return `SELECT ${columns} FROM ${t.lock} WHERE namespace = ? ORDER BY name`
}

/** Locks the rows of a selection that somebody holds. ? namespace, and the holder or name where the selection has one. */
export function lockHeldRows(t: TableNames, type: LockSelection['type']): string {
  const chosen = { holder: 'holder = ?', name: 'name = ?', dead: `lease_until <= ${now}` }[type]
  return `SELECT ${columns} FROM ${t.lock} WHERE namespace = ? AND holder IS NOT NULL AND ${chosen} FOR UPDATE`
}

/** Frees a lock whoever holds it. ? namespace, name. */
export function freeLock(t: TableNames): string {
  return `UPDATE ${t.lock} SET ${free} WHERE namespace = ? AND name = ?`
}
