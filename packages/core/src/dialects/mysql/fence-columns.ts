import type { Row } from '../../domain/executor.ts'
import { readRow } from '../row.ts'
import { quoteIdentifier } from './names.ts'

/** A column as the catalog has it. */
export interface TableColumn {
  readonly name: string
  /** The type without length or attributes, lower-case. */
  readonly type: string
  /** Computed from other columns, so that nobody can assign it. */
  readonly generated: boolean
}

/** Columns of tables, in order; MySQL says '' where MariaDB says NULL, and marks a mere default as DEFAULT_GENERATED. */
export const selectColumns = `
SELECT TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name, COLUMN_NAME AS name, DATA_TYPE AS type,
  COALESCE(GENERATION_EXPRESSION, '') <> '' AS is_generated
FROM information_schema.COLUMNS`

/** Reads a row of {@link selectColumns}. */
export function tableColumn(row: Row): TableColumn {
  const r = readRow(row)
  return { name: r.text('name'), type: r.text('type').toLowerCase(), generated: r.boolean('is_generated') }
}

/** Shows the primary keys that MySQL made by itself, which an UPDATE can change like any column. */
export const showInvisibleKeys = 'SET SESSION show_gipk_in_create_table_and_information_schema = ON'

/** Exact, whatever the value; `<=>` compares other types by a collation, or by less than what is stored. */
const exactAsIs: ReadonlySet<string> = new Set([
  'tinyint',
  'smallint',
  'mediumint',
  'int',
  'bigint',
  'decimal',
  'year',
  'bit',
])

/**
 * A condition that is true when an UPDATE leaves a column as it was, to the last bit; never NULL.
 *
 * Text is compared by its bytes, because collations pass over case, accents and trailing blanks. A FLOAT's text has six
 * digits only, and equal numbers may be 0 and -0. A TIMESTAMP is compared by its instant: in the hour that clocks are set
 * back, two of them read alike. A member of an ENUM may be '' and so may be its error value: their numbers differ.
 */
export function isUnchanged({ name, type }: TableColumn): string {
  const of = (row: 'OLD' | 'NEW'): string => `${row}.${quoteIdentifier(name)}`
  const equal = (expression: (value: string) => string): string =>
    `${expression(of('OLD'))} <=> ${expression(of('NEW'))}`
  const asIs = equal((value) => value)
  const bytes = equal((value) => `CAST(${value} AS BINARY)`)
  if (exactAsIs.has(type)) return asIs
  if (type === 'float' || type === 'double') return `${asIs} AND ${bytes}`
  if (type === 'timestamp') return equal((value) => `UNIX_TIMESTAMP(${value})`)
  if (type === 'enum' || type === 'set') return equal((value) => `(${value} + 0)`)
  return bytes
}
