import type { TableWrite } from '../domain/table-write.ts'

/** The database families whose statement syntax the analysis knows. */
export type Grammar = 'postgres' | 'mysql' | 'mariadb' | 'sqlite'

/** What transaction control a statement exercises. */
export type ControlAction =
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'savepoint'
  | 'release'
  | 'rollback-to'
  | 'set-transaction'
  | 'prepare-transaction'
  | 'commit-prepared'

/**
 * What a statement does, as far as its text can vouch for.
 *
 * - `read`: changes nothing.
 * - `write`: changes the rows of the named tables.
 * - `ddl`: changes the schema, privileges or server objects (CREATE, ALTER, DROP, GRANT, REFRESH, REINDEX, VACUUM…).
 * - `control`: begins, ends or structures a transaction.
 * - `session`: changes this session's settings only (SET, RESET, USE, DEALLOCATE, LISTEN…).
 * - `lock`: takes locks and changes no data (SELECT … FOR UPDATE, LOCK TABLE, advisory locks).
 * - `unknown`: anything else; treated as a write of everything, with `why` in a few words.
 *
 * For a stack of statements in one text the verdict is the most dangerous one (unknown > ddl > write > lock > session
 * > control > read), except that a stack that mixes `control` with anything else is `unknown`.
 */
export type Analysis =
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly writes: readonly TableWrite[] }
  | { readonly kind: 'ddl'; readonly verb: string }
  | { readonly kind: 'control'; readonly action: ControlAction }
  | { readonly kind: 'session' }
  | { readonly kind: 'lock' }
  | { readonly kind: 'unknown'; readonly why: string }
