import { alive, leaseEnd } from './commit-statements.ts'
import type { TableNames } from './names.ts'
import { later, moment, remainingMs } from './time.ts'

const held = `id = ? AND namespace = ? AND nonce = ? AND ${alive}`

/** Renews a live machine freeze, never past its deadline. ? id, namespace, nonce. */
export function renewFreeze(t: TableNames): string {
  return `UPDATE ${t.freeze} SET lease_until = ${leaseEnd(later('lease_ms'), 'deadline_at')}
  WHERE ${held} AND lease_until IS NOT NULL`
}

/** ? id, nonce. */
export function selectLease(t: TableNames): string {
  return `SELECT ${remainingMs('lease_until')} AS remaining_ms FROM ${t.freeze} WHERE id = ? AND nonce = ?`
}

/** Moves the expected end of a held freeze. ? milliseconds since 1970 or null, id, namespace, nonce. */
export function extendFreeze(t: TableNames): string {
  return `UPDATE ${t.freeze} SET expected_end = ${moment('?')} WHERE ${held}`
}
