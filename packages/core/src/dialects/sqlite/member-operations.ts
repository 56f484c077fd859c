import type { CoordinationStore } from '../../domain/store.ts'
import { decodeNamespace } from '../decode.ts'
import { readRow } from '../row.ts'
import { quoteIdentifier } from './names.ts'
import { selectOtherNamespaces } from './node-statements.ts'
import { rowsOf, type StoreContext } from './store-context.ts'
import { now } from './time.ts'

/** Who else is there; SQLite keeps no list of who has a file open. */
export function memberOperations(
  context: StoreContext,
): Pick<CoordinationStore, 'otherNamespaces' | 'quartzSchedulers' | 'missingTables' | 'missingColumns' | 'sessions'> {
  return {
    async otherNamespaces() {
      const { tables, namespace } = context
      return (await rowsOf(context, selectOtherNamespaces(tables), { namespace })).map(decodeNamespace)
    },

    quartzSchedulers: ({ schema, prefix }) =>
      context.executor.readDatabase((db) => {
        const catalogue = `${quoteIdentifier(schema ?? 'main')}.sqlite_master`
        const select = `SELECT name FROM ${catalogue} WHERE type = 'table' AND name = @name COLLATE NOCASE`
        const [table] = db.all(select, { name: `${prefix}SCHEDULER_STATE` })
        if (table === undefined) return []
        const name = `${quoteIdentifier(schema ?? 'main')}.${quoteIdentifier(readRow(table).text('name'))}`
        return db.all(selectSchedulers(name)).map((row) => {
          const r = readRow(row)
          return {
            instance: r.text('instance'),
            checkinIntervalMs: r.number('interval_ms'),
            checkinAgeMs: r.number('age_ms'),
          }
        })
      }),

    missingTables: (tables) =>
      context.executor.readDatabase((db) =>
        tables.filter(({ schema, table }) => {
          const catalogue = `${quoteIdentifier(schema ?? 'main')}.sqlite_master`
          const select = `SELECT 1 AS found FROM ${catalogue} WHERE type IN ('table', 'view') AND name = @name COLLATE NOCASE`
          return db.all(select, { name: table }).length === 0
        }),
      ),

    missingColumns: (columns) =>
      context.executor.readDatabase((db) =>
        columns.filter(({ schema = 'main', table, column }) => {
          const names = db.all('SELECT lower(name) AS name FROM pragma_table_info(@table, @schema)', { table, schema })
          return names.length > 0 && !names.some((row) => readRow(row).text('name') === column.toLowerCase())
        }),
      ),

    sessions: async () => 0,
  }
}

/** Times are milliseconds since 1970 by the clock of each scheduler. */
function selectSchedulers(table: string): string {
  return `SELECT instance_name AS instance, checkin_interval AS interval_ms, ${now} - last_checkin_time AS age_ms
  FROM ${table} ORDER BY 1`
}
