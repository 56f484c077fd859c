import type { Analysis } from './analysis.ts'
import { foldAscii } from './characters.ts'
import { keepsProtection } from './protected-settings.ts'
import { nameAt, type Statement, signAt, stringAt, tokenAt } from './statement.ts'

/** Pragmas that only report, with an argument or without. */
const REPORTS = new Set(
  `table_info table_xinfo table_list index_list index_info index_xinfo foreign_key_list foreign_key_check database_list
  collation_list function_list module_list pragma_list compile_options integrity_check quick_check data_version
  freelist_count page_count`.split(/\s+/),
)
/** Pragmas that report without an argument, and change something with one. */
const REPORTS_BARE = new Set(
  `application_id auto_vacuum busy_timeout cache_size defer_foreign_keys encoding foreign_keys ignore_check_constraints
  journal_mode journal_size_limit legacy_alter_table locking_mode max_page_count mmap_size page_size query_only
  read_uncommitted recursive_triggers reverse_unordered_selects schema_version secure_delete synchronous temp_store
  threads trusted_schema user_version wal_autocheckpoint writable_schema`.split(/\s+/),
)
/** Pragmas whose argument changes this connection only. */
const SESSION = new Set(['busy_timeout', 'cache_size', 'defer_foreign_keys', 'foreign_keys', 'temp_store'])

/** What SQLite's `PRAGMA` at `at` does; one that isn't known well is `unknown`. */
export function pragmaAnalysis(statement: Statement, at: number): Analysis {
  const qualified = signAt(statement, at + 2, '.')
  const index = qualified ? at + 3 : at + 1
  const name = foldAscii(nameAt(statement, index) ?? '')
  const bare = tokenAt(statement, index + 1) === undefined
  if (REPORTS.has(name) || (bare && REPORTS_BARE.has(name))) return { kind: 'read' }
  if (!bare && SESSION.has(name)) return { kind: 'session' }
  if (!bare && keepsProtection(name, valueAt(statement, index + 2))) return { kind: 'session' }
  return { kind: 'unknown', why: `PRAGMA ${name}` }
}

function valueAt(statement: Statement, at: number): string {
  const token = tokenAt(statement, at)
  return stringAt(statement, at) ?? (token === undefined ? '' : statement.sql.slice(token.start, token.end))
}
