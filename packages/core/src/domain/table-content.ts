/**
 * What a column's values are, as far as two databases can agree on how to write them. `float` and `other` are compared
 * within one product only.
 */
export type ValueKind =
  | 'text'
  | 'number'
  | 'decimal'
  | 'moment'
  | 'date'
  | 'time'
  | 'bytes'
  | 'json'
  | 'float'
  | 'other'

/** One column of a table. */
export interface TableColumn {
  readonly name: string
  /** As the database calls it. */
  readonly type: string
  readonly kind: ValueKind
}

/** The content of a table in a few numbers that do not depend on the order of its rows. */
export interface TableDigest {
  /** A decimal string. */
  readonly rows: string
  /** Sums of the rows' hashes; the same for the same rows. */
  readonly whole: string
  /** The same for each column by itself, so that a difference can be placed. */
  readonly columns: Readonly<Record<string, string>>
}

/** Reads the content of tables; each database writes values for the hash in the same way, where it can. */
export interface ContentReader {
  /** Names the product, e.g. `postgres`. */
  readonly product: string
  /** In the table's order. @throws QuiesceError `QUIESCE_CONFIG` when there is no such table. */
  columns(table: string): Promise<readonly TableColumn[]>
  /** Reads the whole table in one statement. */
  digest(table: string, columns: readonly TableColumn[]): Promise<TableDigest>
}
