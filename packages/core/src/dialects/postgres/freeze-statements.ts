import type { TableNames } from './names.ts'
import { databaseIdentity, later, remainingMs } from './snapshot-statements.ts'

const held = `id = $2::uuid AND namespace = $1 AND nonce = $3 AND ended_at IS NULL
    AND (lease_until IS NULL OR lease_until > clock_timestamp())
    AND (deadline_at IS NULL OR deadline_at > clock_timestamp())
    AND (kind = 'operator' OR database_identity = ${databaseIdentity})`

/** Renews a live machine freeze, never past its deadline. $1 namespace, $2 id, $3 nonce. */
export function renewFreeze(t: TableNames): string {
  return `UPDATE ${t.freeze} SET lease_until = least(${later('lease_ms')}, deadline_at)
  WHERE ${held} AND lease_until IS NOT NULL RETURNING ${remainingMs('lease_until')} AS remaining_ms`
}

/** Moves the expected end of a held freeze. $1 namespace, $2 id, $3 nonce, $4 milliseconds since 1970 or null. */
export function extendFreeze(t: TableNames): string {
  return `UPDATE ${t.freeze} SET expected_end = to_timestamp($4::float8 / 1000) WHERE ${held} RETURNING id`
}
