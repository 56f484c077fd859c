import { randomUUID } from 'node:crypto'
import { QuiesceError } from '../../domain/errors.ts'
import type { CoordinationStore } from '../../domain/store.ts'
import type { SqliteStatements } from './executor.ts'
import type { TableNames } from './names.ts'
import { createVersionTable, SCHEMA_VERSION, versionOne, versionTwo } from './schema.ts'
import { insertCluster } from './snapshot-statements.ts'
import { change, type StoreContext } from './store-context.ts'
import { now } from './time.ts'

/** Creates the tables, and the namespace's row in them. */
export function schemaOperations(
  context: StoreContext,
): Pick<CoordinationStore, 'migrate' | 'schemaVersion' | 'migrationScript' | 'ensureCluster'> {
  const { executor, tables: t, namespace } = context
  return {
    async migrate() {
      await executor.create()
      await executor.change((db) => migrate(t, db, executor.file))
    },

    async schemaVersion() {
      const found = executor.exists ? await executor.read((db) => versionIn(t, db)) : undefined
      return { found, known: SCHEMA_VERSION }
    },

    migrationScript: async (from) => (from === SCHEMA_VERSION ? [] : [createVersionTable(t), ...missingSince(t, from)]),

    async ensureCluster() {
      const marks = executor.marks()
      await change(context, (db) => db.run(insertCluster(t), { namespace, nonce: randomUUID(), marks }))
    },
  }
}

/** `undefined` when there are no tables. */
function versionIn(t: TableNames, db: SqliteStatements): number | undefined {
  const [table] = db.all(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = @name`, { name: t.plainVersion })
  if (table === undefined) return undefined
  const version = db.all(`SELECT max(version) AS version FROM ${t.version}`)[0]?.['version']
  return version == null ? undefined : Number(version)
}

/** The transaction has the write lock, so of many processes one migrates and the others find it done. */
function migrate(t: TableNames, db: SqliteStatements, file: string): void {
  db.run(createVersionTable(t))
  const present = versionIn(t, db)
  if (present !== undefined && present > SCHEMA_VERSION) {
    throw new QuiesceError(
      'QUIESCE_SCHEMA',
      `The coordination tables in ${file} have version ${present}, this library knows ${SCHEMA_VERSION}. Update @quiesce/core.`,
      { found: present, known: SCHEMA_VERSION },
    )
  }
  for (const statement of missingSince(t, present)) db.run(statement)
}

/** What brings tables of a version up to date, in its order. */
function missingSince(t: TableNames, present: number | undefined): readonly string[] {
  return [versionOne(t), versionTwo(t)].flatMap((statements, index) => {
    const version = index + 1
    if (present !== undefined && present >= version) return []
    // Made by the statement, so that every file has another one whoever runs it.
    const identity = 'lower(hex(randomblob(16)))'
    return [
      ...statements,
      `INSERT INTO ${t.version} (version, identity, applied_at) VALUES (${version}, ${identity}, ${now})`,
    ]
  })
}
