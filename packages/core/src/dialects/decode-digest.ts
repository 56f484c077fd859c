import { QuiesceError } from '../domain/errors.ts'
import type { Row } from '../domain/executor.ts'
import type { TableColumn, TableDigest } from '../domain/table-content.ts'
import { readRow } from './row.ts'

/** Reads what a digest statement answered: `total`, `first`, `second` and one `c<index>` a column. */
export function decodeDigest(row: Row | undefined, columns: readonly TableColumn[]): TableDigest {
  const r = readRow(row ?? {})
  const sums = columns.map(({ name }, index) => [name, r.text(`c${index}`)] as const)
  return { rows: r.text('total'), whole: `${r.text('first')}/${r.text('second')}`, columns: Object.fromEntries(sums) }
}

/** The schema and the table of a name as users write it. */
export function splitName(name: string): { readonly schema: string | undefined; readonly table: string } {
  const dot = name.indexOf('.')
  return { schema: dot === -1 ? undefined : name.slice(0, dot), table: name.slice(dot + 1) }
}

/** The error for a table that is not there. */
export function noSuchTable(name: string): QuiesceError {
  return new QuiesceError(
    'QUIESCE_CONFIG',
    `There is no table ${name}, or the role may not see it. Name it as the database does, with its schema where that is not the default one.`,
    { table: name },
  )
}
