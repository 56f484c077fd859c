import { randomUUID } from 'node:crypto'
import { QuiesceError } from '../../domain/errors.ts'
import type { CoordinationStore } from '../../domain/store.ts'
import { explain, sqlStateOf } from './errors.ts'
import { migration, NEWER_SCHEMA, SCHEMA_VERSION } from './schema.ts'
import { insertCluster } from './snapshot-statements.ts'
import { rowsOf, type StoreContext } from './store-context.ts'

/** Creates the tables, and the namespace's row in them. */
export function schemaOperations(
  context: StoreContext,
): Pick<CoordinationStore, 'migrate' | 'schemaVersion' | 'ensureCluster'> {
  const { executor, tables: t, namespace } = context
  return {
    async migrate() {
      try {
        await executor.execute(migration(t))
      } catch (error) {
        if (sqlStateOf(error) !== NEWER_SCHEMA) throw explain(error)
        const message = `${error instanceof Error ? error.message : error}. Update @quiesce/core on every node.`
        throw new QuiesceError('QUIESCE_SCHEMA', message, { known: SCHEMA_VERSION })
      }
    },

    async schemaVersion() {
      const [there] = await rowsOf(context, 'SELECT to_regclass($1)::text AS name', [t.version])
      if (there?.['name'] == null) return { found: undefined, known: SCHEMA_VERSION }
      const [row] = await rowsOf(context, `SELECT max(version) AS version FROM ${t.version}`)
      return { found: row?.['version'] == null ? undefined : Number(row['version']), known: SCHEMA_VERSION }
    },

    async ensureCluster() {
      await rowsOf(context, insertCluster(t), [namespace, randomUUID()])
    },
  }
}
