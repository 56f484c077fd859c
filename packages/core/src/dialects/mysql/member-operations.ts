import type { CoordinationStore } from '../../domain/store.ts'
import { decodeNamespace } from '../decode.ts'
import { readRow } from '../row.ts'
import { quoteIdentifier } from './names.ts'
import { selectOtherNamespaces } from './node-statements.ts'
import { rowsOf, type StoreContext } from './store-context.ts'
import { epochMs, now } from './time.ts'

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
      // Table names are case-sensitive on most servers, and Quartz's scripts write them in capitals.
      const names = [`${prefix}SCHEDULER_STATE`, `${prefix}SCHEDULER_STATE`.toLowerCase()]
      const [there] = await rowsOf(context, findTable, [schema ?? null, ...names])
      if (there === undefined) return []
      const r = readRow(there)
      const table = `${quoteIdentifier(r.text('table_schema'))}.${quoteIdentifier(r.text('table_name'))}`
      return (await rowsOf(context, selectSchedulers(table))).map((row) => {
        const scheduler = readRow(row)
        return {
          instance: scheduler.text('instance'),
          checkinIntervalMs: scheduler.number('interval_ms'),
          checkinAgeMs: scheduler.number('age_ms'),
        }
      })
    },

    async missingTables(tables) {
      const found = await Promise.all(
        tables.map(({ schema, table }) => rowsOf(context, findTable, [schema ?? null, table, table])),
      )
      return tables.filter((_table, index) => found[index]?.length === 0)
    },

    async missingColumns(columns) {
      const found = await Promise.all(
        columns.map(({ schema, table, column }) => rowsOf(context, findWithout, [schema ?? null, table, column])),
      )
      return columns.filter((_column, index) => (found[index]?.length ?? 0) > 0)
    },

    async sessions(applications) {
      if (applications.length === 0) return 0
      const places = applications.map(() => '?').join(', ')
      const [row] = await rowsOf(context, selectSessions(places), applications)
      return row === undefined ? 0 : readRow(row).number('sessions')
    },
  }
}

/** ? database or null, name, other name. */
const findTable = `SELECT TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND (BINARY TABLE_NAME = BINARY ? OR BINARY TABLE_NAME = BINARY ?) LIMIT 1`

/** ? database or null, name, column that a table of this name must not have; the server takes their case for nothing. */
const findWithout = `SELECT 1 AS found FROM information_schema.TABLES t
  WHERE t.TABLE_SCHEMA = COALESCE(?, DATABASE()) AND BINARY t.TABLE_NAME = BINARY ? AND NOT EXISTS (
    SELECT 1 FROM information_schema.COLUMNS c
    WHERE c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME AND c.COLUMN_NAME = ?)`

/** Columns as in Quartz's scripts; times are milliseconds since 1970 by the clock of each scheduler. */
function selectSchedulers(table: string): string {
  return `SELECT INSTANCE_NAME AS instance, CHECKIN_INTERVAL AS interval_ms,
    ${epochMs(now)} - LAST_CHECKIN_TIME AS age_ms FROM ${table} ORDER BY 1`
}

/**
 * Sessions of our own account by the `program_name` that their driver sent; visible to everybody. MariaDB keeps none while
 * its performance schema is off. ? … names.
 */
function selectSessions(places: string): string {
  return `SELECT COUNT(DISTINCT a.PROCESSLIST_ID) AS sessions FROM performance_schema.session_account_connect_attrs a
    JOIN information_schema.PROCESSLIST p ON p.ID = a.PROCESSLIST_ID
    WHERE a.ATTR_NAME = 'program_name' AND a.ATTR_VALUE IN (${places}) AND p.ID <> CONNECTION_ID()
      AND (p.DB = DATABASE() OR DATABASE() IS NULL)`
}
