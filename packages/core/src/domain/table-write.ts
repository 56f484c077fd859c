/** What a statement does to one table, in the database's own names. */
export type WriteOperation = 'insert' | 'update' | 'delete' | 'truncate' | 'merge'

/**
 * One table that a statement changes, as far as its text tells.
 *
 * `columns` are the columns that an update assigns, or `'all'` where the text does not resolve them (fail closed).
 * For inserts, deletes and truncations it is always `'all'`.
 */
export interface TableWrite {
  readonly operation: WriteOperation
  /** The schema as written in the statement, `undefined` when the name is unqualified. */
  readonly schema?: string | undefined
  readonly table: string
  readonly columns: readonly string[] | 'all'
}
