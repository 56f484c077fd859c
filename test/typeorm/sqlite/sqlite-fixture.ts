import { attachReadOnly } from '@quiesce/typeorm'
import Database from 'better-sqlite3'
import type { DataSourceOptions } from 'typeorm'
import { sqliteDialect } from '../../../packages/core/src/dialects/sqlite/sqlite-dialect.ts'
import { temporaryFile } from '../../sqlite/support/temporary-file.ts'
import { createEntities } from '../entities.ts'
import { CreateCloudLog1700000000000, type FixtureOptions, type GuardedApplication, seed } from '../fixture.ts'
import { createFrozenNode } from '../frozen-node.ts'
import type { TypeormModule } from '../typeorm-module.ts'

/** The application on SQLite, and an unguarded connection to the same file. */
export interface SqliteFixture extends GuardedApplication {
  readonly file: string
  readonly plain: Database.Database
}

/** Opens the application on a file of its own, in read-write mode. */
export async function openSqliteFixture(typeorm: TypeormModule, options: FixtureOptions = {}): Promise<SqliteFixture> {
  const { file, remove } = temporaryFile()
  const node = createFrozenNode(options, sqliteDialect)
  const db = new typeorm.DataSource(sqliteOptions(typeorm, file, options.dataSource?.(node)))
  const attach = options.attach ?? ((_node, source) => attachReadOnly(node.cluster, source))
  attach(node, db)
  node.join()
  await db.initialize()
  await db.synchronize()
  await db.runMigrations()
  await seed(db)
  const plain = new Database(file, { timeout: 0 })
  const driver: Database.Database = Reflect.get(db.driver, 'databaseConnection')
  return {
    typeorm,
    node,
    db,
    file,
    plain,
    dump: async () => dump(plain),
    leaks: async () => leaks(plain, driver),
    async [Symbol.asyncDispose]() {
      node.thaw()
      if (db.isInitialized) await db.destroy()
      plain.close()
      remove()
    },
  }
}

/** The options of the test application. */
function sqliteOptions(
  typeorm: TypeormModule,
  database: string,
  more: Partial<DataSourceOptions> = {},
): DataSourceOptions {
  return Object.assign(
    {
      type: 'better-sqlite3',
      database,
      entities: createEntities(typeorm, 'datetime'),
      migrations: [CreateCloudLog1700000000000],
      cache: true,
    } satisfies DataSourceOptions,
    more,
  )
}

function dump(plain: Database.Database): string {
  const catalogue = plain.prepare('SELECT type, name, sql FROM sqlite_master ORDER BY type, name').all()
  const tables = plain.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`).pluck().all()
  const rows = tables.map((table) => plain.prepare(`SELECT * FROM "${table}" ORDER BY 1`).all())
  return JSON.stringify({ catalogue, rows, version: plain.pragma('user_version') }, null, 1)
}

function leaks(plain: Database.Database, driver: Database.Database): readonly string[] {
  const found: string[] = []
  if (driver.inTransaction) found.push('a transaction is open')
  if (driver.pragma('foreign_keys', { simple: true }) !== 1) found.push('foreign keys are off')
  try {
    plain.exec('BEGIN EXCLUSIVE; ROLLBACK')
  } catch {
    found.push('the file is locked')
  }
  return found
}
