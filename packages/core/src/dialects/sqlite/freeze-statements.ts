import { alive } from './commit-statements.ts'
import type { TableNames } from './names.ts'
import { later, leaseEnd, remainingMs } from './time.ts'

const held = `id = @id AND namespace = @namespace AND nonce = @nonce AND ${alive}`

/** Renews a live machine freeze, never past its deadline. Parameters: namespace, id, nonce. */
export function renewFreeze(t: TableNames): string {
  return `UPDATE ${t.freeze} SET lease_until = ${leaseEnd(later('lease_ms'), 'deadline_at')}
  WHERE ${held} AND lease_until IS NOT NULL RETURNING ${remainingMs('lease_until')} AS remaining_ms`
}

/** Moves the expected end of a held freeze. Parameters: namespace, id, nonce, expectedEnd. */
export function extendFreeze(t: TableNames): string {
  return `UPDATE ${t.freeze} SET expected_end = @expectedEnd WHERE ${held}`
}
