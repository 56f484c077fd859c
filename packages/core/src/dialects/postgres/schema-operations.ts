import { randomUUID } from 'node:crypto'
import { QuiesceError } from '../../domain/errors.ts'
import type { CoordinationStore } from '../../domain/store.ts'
import { readRow } from '../row.ts'
import { sqlStateOf } from './errors.ts'
import { migration, NEWER_SCHEMA, SCHEMA_VERSION } from './schema.ts'
import { insertCluster } from './snapshot-statements.ts'
import { rowsOf, type StoreContext } from './store-context.ts'

/** Creates the tables, and the namespace's row in them. */
export function schemaOperations(
  context: StoreContext,
): Pick<CoordinationStore, 'migrate' | 'schemaVersion' | 'migrationScript' | 'ensureCluster'> {
  const { executor, tables: t, namespace } = context
  return {
    async migrate() {
      await requireVersion(context)
      try {
        await executor.execute(migration(t))
      } catch (error) {
        if (sqlStateOf(error) !== NEWER_SCHEMA) throw error
        const message = `${error instanceof Error ? error.message : error}. Update @quiesce/core on every node.`
        throw new QuiesceError('QUIESCE_SCHEMA', message, { known: SCHEMA_VERSION })
      }
    },

    async schemaVersion() {
      await requireVersion(context)
      const [there] = await rowsOf(context, 'SELECT to_regclass($1)::text AS name', [t.version])
      if (there?.['name'] == null) return { found: undefined, known: SCHEMA_VERSION }
      const [row] = await rowsOf(context, `SELECT max(version) AS version FROM ${t.version}`)
      return { found: row?.['version'] == null ? undefined : Number(row['version']), known: SCHEMA_VERSION }
    },

    // One block that looks by itself what is there.
    migrationScript: async (from) => (from === SCHEMA_VERSION ? [] : [migration(t)]),

    async ensureCluster() {
      await rowsOf(context, insertCluster(t), [namespace, randomUUID()])
    },
  }
}

/** MATERIALIZED came with 12, `starts_with` and `hashtextextended` with 11; 13 is the oldest that we test. */
const OLDEST = 13

async function requireVersion(context: StoreContext): Promise<void> {
  const [row = {}] = await rowsOf(context, `SELECT current_setting('server_version_num')::integer / 10000 AS major`)
  const major = readRow(row).number('major')
  if (major >= OLDEST) return
  const message = `The server is PostgreSQL ${major}; PostgreSQL ${OLDEST} or later is needed. Update the server.`
  throw new QuiesceError('QUIESCE_DATABASE', message, { version: String(major), needs: String(OLDEST) })
}
