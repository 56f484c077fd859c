import { foldAscii } from './characters.ts'

/** Settings that switch a protection off, with the values that leave it on. */
const PROTECTED: ReadonlyMap<string, readonly string[]> = new Map([
  ['session_replication_role', ['origin', 'default']],
  ['default_transaction_read_only', ['on', 'true', 'yes', '1']],
  ['transaction_read_only', ['on', 'true', 'yes', '1']],
  ['tx_read_only', ['on', 'true', '1']],
  ['standard_conforming_strings', ['on', 'true', 'yes', '1', 'default']],
  ['sql_log_bin', ['on', 'true', '1', 'default']],
  ['query_only', ['on', 'true', 'yes', '1']],
])

/** Whether a setting or variable of this name guards the read-only mode, or belongs to Quiesce itself. */
export function isProtectedSetting(name: string): boolean {
  const folded = foldAscii(name)
  return folded.startsWith('quiesce') || PROTECTED.has(folded)
}

/** Whether giving the setting this value keeps the protection on. */
export function keepsProtection(name: string, value: string): boolean {
  return PROTECTED.get(foldAscii(name))?.includes(foldAscii(value)) ?? false
}
