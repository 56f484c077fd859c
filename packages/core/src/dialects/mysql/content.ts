import type { SqlExecutor } from '../../domain/executor.ts'
import type { ContentReader, TableColumn, ValueKind } from '../../domain/table-content.ts'
import { decodeDigest, noSuchTable, splitName } from '../decode-digest.ts'
import { readRow } from '../row.ts'
import { quoteIdentifier } from './names.ts'

/** Reads tables of a MySQL or MariaDB; an unqualified name is one of the connection's own database. */
export function createMysqlContent(executor: SqlExecutor, product: 'mysql' | 'mariadb'): ContentReader {
  return {
    product,
    async columns(name) {
      const { schema, table } = splitName(name)
      const { rows } = await executor.execute(selectColumns, [schema ?? null, table])
      if (rows.length === 0) throw noSuchTable(name)
      return rows.map((row) => {
        const r = readRow(row)
        const type = r.text('type').toLowerCase()
        return { name: r.text('name'), type, kind: kinds[type] ?? 'other' }
      })
    },
    // On a connection of its own: reading a big table takes longer than a statement of the coordination may.
    digest: (name, columns) =>
      executor.transaction(async (one) => {
        const { schema, table } = splitName(name)
        const qualified = [schema, table].filter((part) => part !== undefined).map(quoteIdentifier)
        const { rows } = await one.execute(digestOf(qualified.join('.'), columns))
        return decodeDigest(rows[0], columns)
      }),
  }
}

/** ? schema or null, table. Generated columns follow from the others. */
const selectColumns = `SELECT COLUMN_NAME AS name, DATA_TYPE AS type FROM information_schema.COLUMNS
  WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? AND COALESCE(GENERATION_EXPRESSION, '') = '' ORDER BY ORDINAL_POSITION`

const kinds: Readonly<Record<string, ValueKind>> = {
  tinyint: 'number',
  smallint: 'number',
  mediumint: 'number',
  int: 'number',
  bigint: 'number',
  year: 'number',
  decimal: 'decimal',
  char: 'text',
  varchar: 'text',
  tinytext: 'text',
  text: 'text',
  mediumtext: 'text',
  longtext: 'text',
  enum: 'text',
  set: 'text',
  uuid: 'text',
  timestamp: 'moment',
  datetime: 'moment',
  date: 'date',
  time: 'time',
  binary: 'bytes',
  varbinary: 'bytes',
  tinyblob: 'bytes',
  blob: 'bytes',
  mediumblob: 'bytes',
  longblob: 'bytes',
  json: 'json',
  float: 'float',
  double: 'float',
}

/** A value as text, the same in every database that we know. */
function written({ name, kind }: TableColumn): string {
  const column = quoteIdentifier(name)
  const text = `CAST(${column} AS CHAR)`
  switch (kind) {
    case 'decimal':
      return `IF(LOCATE('.', ${text}) > 0, TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM ${text})), ${text})`
    case 'moment':
      return `DATE_FORMAT(${column}, '%Y-%m-%d %H:%i:%s.%f')`
    case 'date':
      return `DATE_FORMAT(${column}, '%Y-%m-%d')`
    case 'time':
      return `TIME_FORMAT(${column}, '%H:%i:%s.%f')`
    case 'bytes':
      return `LOWER(HEX(${column}))`
    case 'other':
      return `HEX(${column})`
    case 'number':
    case 'json':
    case 'float':
      return text
    case 'text':
      return column
  }
}

const asText = (value: string): string => `CONVERT(${value} USING utf8mb4)`

/** Lengths in front keep `ab` + `c` from being `a` + `bc`; `~` is no length, so NULL is no text. */
const marked = (value: string): string => `COALESCE(CONCAT(LENGTH(${asText(value)}), ':', ${asText(value)}), '~')`

/** 60 bits of a SHA-256 as a number; sums of them are exact and do not depend on the order. */
const part = (hash: string, from: number): string =>
  `CAST(COALESCE(SUM(CAST(CONV(SUBSTR(${hash}, ${from}, 15), 16, 10) AS UNSIGNED)), 0) AS CHAR)`

function digestOf(table: string, columns: readonly TableColumn[]): string {
  const values = columns.map((column, index) => `${marked(written(column))} AS v${index}`)
  const whole = columns.map((_, index) => `v${index}`).join(', ')
  const sums = columns.map((_, index) => `${part(`SHA2(v${index}, 256)`, 1)} AS c${index}`)
  return `SELECT CAST(COUNT(*) AS CHAR) AS total, ${part('h', 1)} AS first, ${part('h', 16)} AS second, ${sums.join(', ')}
  FROM (SELECT w.*, SHA2(CONCAT(${whole}), 256) AS h FROM (SELECT ${values.join(', ')} FROM ${table}) w) d`
}
