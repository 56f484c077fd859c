import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { QuiesceError } from '../../domain/errors.ts'
import type { Statements } from '../../domain/executor.ts'
import type { CoordinationStore } from '../../domain/store.ts'
import { readRow } from '../row.ts'
import { errorNumberOf } from './errors.ts'
import { quoteIdentifier, type TableNames } from './names.ts'
import { createVersionTable, SCHEMA_VERSION, versionOne, versionTwo } from './schema.ts'
import type { ServerLanguage } from './server.ts'
import { insertCluster, selectNamespace } from './snapshot-statements.ts'
import { inTransaction, rowsOf, type StoreContext } from './store-context.ts'
import { now } from './time.ts'

const NO_SUCH_DATABASE = 1049
const NO_SUCH_TABLE = 1146
const MIGRATION_WAIT_MS = 30_000
const PAUSE_MS = 50

/** Creates the tables, and the namespace's row in them. */
export function schemaOperations(
  context: StoreContext,
): Pick<CoordinationStore, 'migrate' | 'schemaVersion' | 'migrationScript' | 'ensureCluster'> {
  const { executor, tables: t, namespace, server } = context
  return {
    // Every DDL statement commits by itself, so this is no transaction but one session, which holds a lock.
    async migrate() {
      await server()
      await executor.transaction((session) => withMigrationLock(context, session, () => applyMissing(context, session)))
    },

    async schemaVersion() {
      await server()
      try {
        const [row = {}] = (await executor.execute(`SELECT MAX(version) AS version FROM ${t.version}`)).rows
        return { found: readRow(row).optionalNumber('version'), known: SCHEMA_VERSION }
      } catch (error) {
        const number = errorNumberOf(error)
        if (number === NO_SUCH_TABLE || number === NO_SUCH_DATABASE) return { found: undefined, known: SCHEMA_VERSION }
        throw error
      }
    },

    async migrationScript(from) {
      const { language } = await server()
      if (from === SCHEMA_VERSION) return []
      const schema = t.schema === undefined ? [] : [createDatabase(t.schema)]
      return [...schema, createVersionTable(t), ...missingSince(t, language, from)]
    },

    async ensureCluster() {
      if ((await rowsOf(context, selectNamespace(t), [namespace])).length > 0) return
      const { language } = await server()
      const parameters = [namespace, randomUUID(), ...Array<string>(5).fill(namespace)]
      await inTransaction(context, (tx) => tx.execute(insertCluster(t, language), parameters))
    },
  }
}

async function applyMissing({ tables: t, server }: StoreContext, session: Statements): Promise<void> {
  if (t.schema !== undefined && !(await isThere(session, t.schema))) await session.execute(createDatabase(t.schema))
  await session.execute(createVersionTable(t))
  const [row = {}] = (await session.execute(`SELECT MAX(version) AS version FROM ${t.version}`)).rows
  const present = readRow(row).optionalNumber('version')
  if (present !== undefined && present > SCHEMA_VERSION) {
    throw new QuiesceError(
      'QUIESCE_SCHEMA',
      `coordination tables have version ${present}, this library knows ${SCHEMA_VERSION}. Update @quiesce/core on every node.`,
      { found: present, known: SCHEMA_VERSION },
    )
  }
  const { language } = await server()
  for (const statement of missingSince(t, language, present)) await executeAgain(session, statement)
}

/** What brings tables of a version up to date, in its order. */
function missingSince(t: TableNames, language: ServerLanguage, present: number | undefined): readonly string[] {
  const record = (version: number): string =>
    `INSERT IGNORE INTO ${t.version} (version, applied_at) VALUES (${version}, ${now})`
  return [
    ...(present === undefined ? [...versionOne(t, language), record(1)] : []),
    ...(present === undefined || present < 2 ? [...versionTwo(t, language), record(2)] : []),
  ]
}

const DUPLICATE_COLUMN = 1060

/** An earlier attempt may have died behind it: DDL commits by itself, and MySQL knows no ADD COLUMN IF NOT EXISTS. */
async function executeAgain(session: Statements, statement: string): Promise<void> {
  try {
    await session.execute(statement)
  } catch (error) {
    if (errorNumberOf(error) !== DUPLICATE_COLUMN) throw error
  }
}

/** Asked first: who may use a database may not be allowed to create one. */
async function isThere(session: Statements, schema: string): Promise<boolean> {
  const sql = 'SELECT 1 FROM information_schema.SCHEMATA WHERE BINARY SCHEMA_NAME = BINARY ?'
  return (await session.execute(sql, [schema])).rows.length > 0
}

function createDatabase(schema: string): string {
  return `CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(schema)}`
}

/** Lock names are server-wide, at most 64 characters and not case-sensitive, so the name is a hash. */
const LOCK_NAME = `CONCAT('quiesce ', LEFT(SHA2(CONCAT_WS('/', COALESCE(?, DATABASE()), ?), 256), 48))`

/** The server frees the lock when the session ends, however that happens. */
async function withMigrationLock(
  { tables: t }: StoreContext,
  session: Statements,
  fn: () => Promise<void>,
): Promise<void> {
  const until = performance.now() + MIGRATION_WAIT_MS
  const got = async (): Promise<boolean> => {
    const [row = {}] = (await session.execute(`SELECT GET_LOCK(${LOCK_NAME}, 0) AS got`, [t.schema ?? null, t.prefix]))
      .rows
    return readRow(row).optionalNumber('got') === 1
  }
  while (!(await got())) {
    if (performance.now() > until) {
      throw new QuiesceError(
        'QUIESCE_CONTENDED',
        `Another process has been migrating the coordination tables for ${MIGRATION_WAIT_MS} ms. See what it waits for, and try again.`,
      )
    }
    await pause(PAUSE_MS * (0.5 + Math.random()))
  }
  try {
    await fn()
  } finally {
    // On a lost connection there is nothing left to release, and the error that lost it is what counts.
    await session.execute(`SELECT RELEASE_LOCK(${LOCK_NAME})`, [t.schema ?? null, t.prefix]).catch(() => {})
  }
}
