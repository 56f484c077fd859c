import { freshDatabase } from '@quiesce/test-servers'
import { attachReadOnly } from '@quiesce/typeorm'
import { Client, type Pool } from 'pg'
import type { DataSource, DataSourceOptions, MigrationInterface, QueryRunner } from 'typeorm'
import { inject } from 'vitest'
import type { Exemptions, SkipRules } from '../../packages/core/src/domain/exemption.ts'
import type { Enforcement } from '../../packages/core/src/domain/node-record.ts'
import { createEntities } from './entities.ts'
import { createFrozenNode, type FrozenNode } from './frozen-node.ts'
import { keepRows } from './postgres-rows.ts'
import type { ServerFixture } from './server-fixture.ts'
import type { TypeormModule } from './typeorm-module.ts'

/** A guarded application with seeded tables. */
export interface GuardedApplication extends AsyncDisposable {
  readonly typeorm: TypeormModule
  readonly node: FrozenNode
  readonly db: DataSource
  /** Each row of each table, each column, each sequence, as an unguarded client sees them. */
  dump(): Promise<string>
  /** Puts all rows back to the first ones; false when that is not enough, because tables have changed. */
  restore?(): Promise<boolean>
  /** What should not be there between two operations; empty when all is well. */
  leaks(): Promise<readonly string[]>
}

/** The application on PostgreSQL, and an unguarded client that looks at the same database. */
export interface Fixture extends ServerFixture {
  readonly pool: Pool
  readonly admin: Client
}

/** How a fixture differs from the usual one. */
export interface FixtureOptions {
  readonly exempt?: Exemptions
  readonly skip?: SkipRules
  readonly enforcement?: Enforcement
  readonly belt?: boolean
  /** Whether `restore()` will be called, where the fixture has it. */
  readonly restorable?: boolean
  readonly dataSource?: (node: FrozenNode) => Partial<DataSourceOptions>
  /** Guards the data source; `attachReadOnly` before `initialize()` when left out. */
  readonly attach?: (node: FrozenNode, db: DataSource) => void
}

export const POOL_SIZE = 4

/** A migration that every fixture has run already. */
export class CreateCloudLog1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE cloud_log (id int)')
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE cloud_log')
  }
}

/** Opens the application on a database of its own, in read-write mode. */
export async function openFixture(typeorm: TypeormModule, options: FixtureOptions = {}): Promise<Fixture> {
  const database = await freshDatabase(inject('postgresUrl'), 'typeorm')
  const node = createFrozenNode(options)
  const db = new typeorm.DataSource(dataSourceOptions(typeorm, database.url, options.dataSource?.(node)))
  const attach = options.attach ?? ((_node, source) => attachReadOnly(node.cluster, source))
  attach(node, db)
  node.join()
  await db.initialize()
  await db.synchronize()
  await db.runMigrations()
  await seed(db)
  const admin = new Client({ connectionString: database.url, application_name: 'admin' })
  await admin.connect()
  const pool: Pool = Reflect.get(db.driver, 'master')
  const restoring = options.restorable === true ? await keepRows(admin) : ''
  const first = await dump(admin)
  return {
    typeorm,
    node,
    db,
    pool,
    url: database.url,
    admin,
    async settings() {
      const { rows } = await admin.query('SELECT count(*)::int - 1 AS n FROM setting')
      return rows[0].n
    },
    async cutAll() {
      await admin.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'app' AND datname = current_database()",
      )
    },
    clientOf: (runner) => runner.connect(),
    take: (use) =>
      new Promise((resolve, reject) => {
        pool.connect((error, client) => {
          if (client === undefined) reject(error)
          else Promise.resolve(use(client)).then(resolve, reject)
        })
      }),
    queryPool: (sql) => pool.query(sql),
    refuseToWait() {
      Reflect.set(pool.options, 'connectionTimeoutMillis', 50)
      return /timeout/
    },
    dump: () => dump(admin),
    restore: async () => {
      await admin.query(restoring)
      return (await dump(admin)) === first
    },
    leaks: () => leaksThatStay(admin, pool),
    async [Symbol.asyncDispose]() {
      node.thaw()
      if (db.isInitialized) await db.destroy()
      await admin.end()
      await database.drop()
    },
  }
}

/** The options of the test application. */
export function dataSourceOptions(
  typeorm: TypeormModule,
  url: string,
  more: Partial<DataSourceOptions> = {},
): DataSourceOptions {
  return Object.assign(
    {
      type: 'postgres',
      url,
      entities: createEntities(typeorm),
      migrations: [CreateCloudLog1700000000000],
      cache: true,
      poolSize: POOL_SIZE,
      applicationName: 'app',
    } satisfies DataSourceOptions,
    more,
  )
}

/** Writes the rows with which every test starts. */
export async function seed(db: DataSource): Promise<void> {
  const tags = await db.getRepository('Tag').save([{ name: 'red' }, { name: 'blue' }])
  await db
    .getRepository('Collection')
    .save({ name: 'first', cards: [{ name: 'revenue', tags: [tags[0]] }, { name: 'costs' }] })
  await db.getRepository('Document').save([{ name: 'kept' }, { name: 'gone', deletedAt: new Date(0) }])
  for (const entity of [
    'CoreSession',
    'Setting',
    'LoginHistory',
    'AuditLog',
    'ViewLog',
    'CloudMigration',
    'CoreUser',
  ]) {
    await db.getRepository(entity).save({ name: 'seed' })
  }
  await db.getRepository('CloudMigration').update(1, { setting: { id: 1 } })
  for (const entity of ['ClosureNode', 'NestedNode', 'PathNode']) {
    const repository = db.getRepository(entity)
    const root = await repository.save({ name: 'root' })
    const child = await repository.save({ name: 'child', parent: root })
    await repository.save({ name: 'leaf', parent: child })
  }
}

async function dump(admin: Client): Promise<string> {
  const columns = await admin.query(
    `SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
      WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`,
  )
  const indexes = await admin.query("SELECT indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
  const sequences = await admin.query('SELECT sequencename, last_value FROM pg_sequences ORDER BY 1')
  const tables = [...new Set(columns.rows.map((row) => String(row.table_name)))]
  const rows: Record<string, unknown> = {}
  for (const table of tables) {
    const result = await admin.query(`SELECT t::text AS row FROM ${admin.escapeIdentifier(table)} t ORDER BY 1`)
    rows[table] = result.rows
  }
  return JSON.stringify({ columns: columns.rows, indexes: indexes.rows, sequences: sequences.rows, rows }, null, 1)
}

/** What is still there after a moment: a server goes on being busy with a statement whose error it has told already. */
async function leaksThatStay(admin: Client, pool: Pool): Promise<readonly string[]> {
  const giveUpAt = performance.now() + 1000
  for (;;) {
    const found = await leaks(admin, pool)
    if (found.length === 0 || performance.now() > giveUpAt) return found
  }
}

async function leaks(admin: Client, pool: Pool): Promise<readonly string[]> {
  const found: string[] = []
  if (pool.idleCount !== pool.totalCount) found.push(`${pool.totalCount - pool.idleCount} connections not given back`)
  if (pool.waitingCount > 0) found.push(`${pool.waitingCount} waiting for a connection`)
  const open = await admin.query(
    "SELECT state, query FROM pg_stat_activity WHERE application_name = 'app' AND datname = current_database() AND state <> 'idle'",
  )
  return [...found, ...open.rows.map(({ state, query }) => `${state}: ${query}`)]
}
