import type { CoordinationStore } from '../../domain/store.ts'
import { decodeNamespace } from '../decode.ts'
import { readRow } from '../row.ts'
import { quoteIdentifier, quoteLiteral } from './names.ts'
import { selectOtherNamespaces } from './node-statements.ts'
import { rowsOf, type StoreContext } from './store-context.ts'

/** Who else is there: other programs' registries, and the server's own list of sessions. */
export function memberOperations(
  context: StoreContext,
): Pick<CoordinationStore, 'otherNamespaces' | 'quartzSchedulers' | 'missingTables' | 'missingColumns' | 'sessions'> {
  return {
    async otherNamespaces() {
      const { tables, namespace } = context
      return (await rowsOf(context, selectOtherNamespaces(tables), [namespace])).map(decodeNamespace)
    },

    async quartzSchedulers({ schema, prefix }) {
      // Quartz writes its names unquoted, so PostgreSQL has them in lower case, unless somebody quoted them.
      const names = [`${prefix}SCHEDULER_STATE`, `${prefix}SCHEDULER_STATE`.toLowerCase()]
      const qualified = names.map((name) =>
        schema === undefined ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
      )
      const [there] = await rowsOf(
        context,
        `SELECT coalesce(${qualified.map((name) => `to_regclass(${quoteLiteral(name)})`).join(', ')})::text AS name`,
      )
      const table = there?.['name']
      if (typeof table !== 'string') return []
      return (await rowsOf(context, selectSchedulers(table))).map((row) => {
        const r = readRow(row)
        return {
          instance: r.text('instance'),
          checkinIntervalMs: r.number('interval_ms'),
          checkinAgeMs: r.number('age_ms'),
        }
      })
    },

    async missingTables(tables) {
      const rows = await rowsOf(context, selectMissing, [JSON.stringify(tables)])
      return rows.map((row) => {
        const r = readRow(row)
        return { schema: r.optionalText('schema'), table: r.text('table') }
      })
    },

    async missingColumns(columns) {
      const rows = await rowsOf(context, selectMissingColumns, [JSON.stringify(columns)])
      return rows.map((row) => {
        const r = readRow(row)
        return { schema: r.optionalText('schema'), table: r.text('table'), column: r.text('column') }
      })
    },

    async sessions(applications) {
      const [row] = await rowsOf(context, selectSessions, [JSON.stringify(applications)])
      return row === undefined ? 0 : readRow(row).number('sessions')
    },
  }
}

/** $1 JSON array of `{ schema, table }`. */
const selectMissing = `SELECT n."schema", n."table" FROM jsonb_to_recordset($1::jsonb) AS n("schema" text, "table" text)
  WHERE NOT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'f') AND c.relname = n."table"
      AND CASE WHEN n."schema" IS NULL THEN pg_table_is_visible(c.oid) ELSE s.nspname = n."schema" END)`

/** $1 JSON array of `{ schema, table, column }`. */
const selectMissingColumns = `
SELECT n."schema", n."table", n."column"
FROM jsonb_to_recordset($1::jsonb) AS n("schema" text, "table" text, "column" text)
  JOIN pg_class c ON c.relkind IN ('r', 'p', 'v', 'f') AND c.relname = n."table"
  JOIN pg_namespace s ON s.oid = c.relnamespace
WHERE CASE WHEN n."schema" IS NULL THEN pg_table_is_visible(c.oid) ELSE s.nspname = n."schema" END
  AND NOT EXISTS (SELECT 1 FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = n."column")`

/** Columns as in Quartz's `tables_postgres.sql`; times are milliseconds since 1970 by the clock of each scheduler. */
function selectSchedulers(table: string): string {
  return `SELECT instance_name AS instance, checkin_interval::float8 AS interval_ms,
    (extract(epoch FROM clock_timestamp()) * 1000 - last_checkin_time)::float8 AS age_ms FROM ${table} ORDER BY 1`
}

/** $1 JSON array of application names. */
const selectSessions = `SELECT count(*)::float8 AS sessions FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND application_name IN (SELECT jsonb_array_elements_text($1::jsonb))`
