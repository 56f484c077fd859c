import type { SqlExecutor } from '../../domain/executor.ts'
import type { ContentReader, TableColumn, ValueKind } from '../../domain/table-content.ts'
import { decodeDigest, noSuchTable, splitName } from '../decode-digest.ts'
import { readRow } from '../row.ts'
import { quoteIdentifier } from './names.ts'

/** Reads tables of a PostgreSQL; an unqualified name is one of `public`. */
export function createPostgresContent(executor: SqlExecutor): ContentReader {
  return {
    product: 'postgres',
    async columns(table) {
      const { rows } = await executor.execute(selectColumns, [qualified(table)])
      if (rows.length === 0) throw noSuchTable(table)
      return rows.map((row) => {
        const r = readRow(row)
        const type = r.text('type')
        return { name: r.text('name'), type, kind: kinds[type] ?? (r.text('category') === 'E' ? 'text' : 'other') }
      })
    },
    // On a connection of its own: reading a big table takes longer than a statement of the coordination may.
    digest: (table, columns) =>
      executor.transaction(async (one) => {
        const { rows } = await one.execute(digestOf(qualified(table), columns))
        return decodeDigest(rows[0], columns)
      }),
  }
}

function qualified(name: string): string {
  const { schema = 'public', table } = splitName(name)
  return `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`
}

/** $1 quoted name. Generated columns follow from the others. */
const selectColumns = `SELECT a.attname AS name, t.typname AS type, t.typcategory AS category
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
  WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`

const kinds: Readonly<Record<string, ValueKind>> = {
  int2: 'number',
  int4: 'number',
  int8: 'number',
  bool: 'number',
  numeric: 'decimal',
  text: 'text',
  varchar: 'text',
  bpchar: 'text',
  name: 'text',
  uuid: 'text',
  timestamp: 'moment',
  timestamptz: 'moment',
  date: 'date',
  time: 'time',
  bytea: 'bytes',
  json: 'json',
  jsonb: 'json',
  float4: 'float',
  float8: 'float',
}

/** A value as text, the same in every database that we know. */
function written({ name, type, kind }: TableColumn): string {
  const column = quoteIdentifier(name)
  switch (kind) {
    case 'number':
      return type === 'bool' ? `${column}::integer::text` : `${column}::text`
    case 'decimal':
      return `trim_scale(${column})::text`
    case 'moment':
      return `to_char(${type === 'timestamptz' ? `${column} AT TIME ZONE 'UTC'` : column}, 'YYYY-MM-DD HH24:MI:SS.US')`
    case 'date':
      return `to_char(${column}, 'YYYY-MM-DD')`
    case 'time':
      return `to_char(${column}::interval, 'HH24:MI:SS.US')`
    case 'bytes':
      return `encode(${column}, 'hex')`
    case 'json':
      return `${column}::jsonb::text`
    case 'text':
    case 'float':
    case 'other':
      return `${column}::text`
  }
}

/** Lengths in front keep `ab` + `c` from being `a` + `bc`; `~` is no length, so NULL is no text. */
const marked = (value: string): string => `coalesce(octet_length(convert_to(${value}, 'UTF8')) || ':' || ${value}, '~')`

/** 60 bits of a SHA-256 as a number; sums of them are exact and do not depend on the order. */
const part = (hash: string, from: number): string => `sum(('x' || substr(${hash}, ${from}, 15))::bit(60)::bigint)::text`

function digestOf(table: string, columns: readonly TableColumn[]): string {
  const values = columns.map((column, index) => `${marked(written(column))} AS v${index}`)
  const whole = columns.map((_, index) => `v${index}`).join(' || ')
  const hash = (value: string): string => `encode(sha256(convert_to(${value}, 'UTF8')), 'hex')`
  const sums = columns.map((_, index) => `coalesce(${part(hash(`v${index}`), 1)}, '0') AS c${index}`)
  return `SELECT count(*)::text AS total, coalesce(${part('h', 1)}, '0') AS first, coalesce(${part('h', 16)}, '0') AS second,
  ${sums.join(', ')} FROM (SELECT *, ${hash(whole)} AS h FROM (SELECT ${values.join(', ')} FROM ${table}) v) w`
}
