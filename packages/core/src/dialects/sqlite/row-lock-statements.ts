import type { TableNames } from './names.ts'
import { later, now, remainingMs } from './time.ts'

/** Parameters: namespace, name. */
export function selectRowLock(t: TableNames): string {
  return `SELECT host, pid, pid_space, process_started_at, ${remainingMs('lease_until')} AS lease_remaining_ms
  FROM ${t.rowLock} WHERE namespace = @namespace AND name = @name`
}

/** Takes it over, too. Parameters: namespace, name, nonce, host, pid, pidSpace, startedAtMs, leaseMs. */
export function insertRowLock(t: TableNames): string {
  return `INSERT OR REPLACE INTO ${t.rowLock} (namespace, name, nonce, host, pid, pid_space, process_started_at, lease_until)
  VALUES (@namespace, @name, @nonce, @host, @pid, @pidSpace, @startedAtMs, ${later('@leaseMs')})`
}

/** Parameters: namespace, name, nonce, leaseMs. */
export function renewRowLock(t: TableNames): string {
  return `UPDATE ${t.rowLock} SET lease_until = ${later('@leaseMs')}
  WHERE namespace = @namespace AND name = @name AND nonce = @nonce AND lease_until > ${now}`
}

/** Parameters: namespace, name, nonce. */
export function deleteRowLock(t: TableNames): string {
  return `DELETE FROM ${t.rowLock} WHERE namespace = @namespace AND name = @name AND nonce = @nonce`
}
