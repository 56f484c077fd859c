import type { Grammar } from './analysis.ts'
import { HARMLESS_MYSQL } from './harmless-mysql.ts'
import { HARMLESS_POSTGRES } from './harmless-postgres.ts'
import { HARMLESS_SQLITE } from './harmless-sqlite.ts'

/** The functions of a database family that are known to change nothing, in lower case: what the strict mode lets pass. */
export function harmlessFunctions(grammar: Grammar): readonly string[] {
  if (grammar === 'postgres') return HARMLESS_POSTGRES.trim().split(/\s+/)
  return (grammar === 'sqlite' ? HARMLESS_SQLITE : HARMLESS_MYSQL).trim().split(/\s+/)
}
