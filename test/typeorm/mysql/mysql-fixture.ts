import { type DatabaseName, freshDatabase } from '@quiesce/test-servers'
import { attachReadOnly } from '@quiesce/typeorm'
import type { Pool, PoolConnection } from 'mysql2'
import mysql from 'mysql2/promise'
import type { DataSourceOptions } from 'typeorm'
import { inject } from 'vitest'
import { mariadbDialect, mysqlDialect } from '../../../packages/core/src/dialects/mysql/mysql-dialect.ts'
import { createEntities } from '../entities.ts'
import { CreateCloudLog1700000000000, type FixtureOptions, POOL_SIZE, seed } from '../fixture.ts'
import { createFrozenNode } from '../frozen-node.ts'
import type { RawClient, ServerFixture } from '../server-fixture.ts'
import type { TypeormModule } from '../typeorm-module.ts'

/** The two products that the driver mysql2 talks to. */
export type MysqlKind = Exclude<DatabaseName, 'postgres'>

/** The application on MySQL or MariaDB. */
export interface MysqlFixture extends ServerFixture {
  readonly pool: Pool
}

/** Opens the application on a database of its own, in read-write mode. */
export async function openMysqlFixture(
  kind: MysqlKind,
  typeorm: TypeormModule,
  options: FixtureOptions = {},
): Promise<MysqlFixture> {
  const database = await freshDatabase(inject(`${kind}Url`), 'typeorm')
  // TypeORM qualifies the table of its result cache with the database, which exemptions do not.
  const node = createFrozenNode(options, kind === 'mysql' ? mysqlDialect : mariadbDialect, database.name)
  const db = new typeorm.DataSource(mysqlOptions(kind, typeorm, database.url, options.dataSource?.(node)))
  const attach = options.attach ?? ((_node, source) => attachReadOnly(node.cluster, source))
  attach(node, db)
  node.join()
  await db.initialize()
  await db.synchronize()
  await db.runMigrations()
  await seed(db)
  const admin = await mysql.createConnection({ uri: database.url, multipleStatements: true, dateStrings: true })
  const pool: Pool = Reflect.get(db.driver, 'pool')
  const rows = async (sql: string): Promise<mysql.RowDataPacket[]> => (await admin.query<mysql.RowDataPacket[]>(sql))[0]
  const first = unnumbered(await dump(rows))
  const restoring = options.restorable === true ? await keepRows(rows, database.name) : ''
  return {
    typeorm,
    node,
    db,
    pool,
    url: database.url,
    async settings() {
      const [row] = await rows('SELECT count(*) - 1 AS n FROM setting')
      return Number(row?.['n'])
    },
    async cutAll() {
      const sessions = await rows(
        'SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()',
      )
      for (const { id } of sessions) await rows(`KILL ${id}`)
    },
    clientOf: async (runner) => rawClient(await runner.connect()),
    take: (use) =>
      new Promise((resolve, reject) => {
        pool.getConnection((error, connection) => {
          if (error !== null) reject(error)
          else Promise.resolve(use(rawClient(connection))).then(resolve, reject)
        })
      }),
    queryPool: (sql) => pool.promise().query(sql),
    refuseToWait() {
      Reflect.set(Reflect.get(pool, 'config'), 'waitForConnections', false)
      return /No connections available/
    },
    dump: () => dump(rows),
    restore: async () => {
      await rows(restoring)
      return unnumbered(await dump(rows)) === first
    },
    leaks: () => leaks(Reflect.get(db.driver, 'pool') ?? pool),
    async [Symbol.asyncDispose]() {
      node.thaw()
      if (db.isInitialized) await db.destroy()
      await rows(`DROP DATABASE IF EXISTS ${keptIn(database.name)}`)
      await admin.end()
      await database.drop()
    },
  }
}

/** The options of the test application. */
export function mysqlOptions(
  type: MysqlKind,
  typeorm: TypeormModule,
  url: string,
  more: Partial<DataSourceOptions> = {},
): DataSourceOptions {
  return Object.assign(
    {
      type,
      url,
      entities: createEntities(typeorm, 'datetime'),
      migrations: [CreateCloudLog1700000000000],
      cache: true,
      poolSize: POOL_SIZE,
    } satisfies DataSourceOptions,
    more,
  )
}

type Rows = (sql: string) => Promise<mysql.RowDataPacket[]>

function rawClient(connection: PoolConnection): RawClient {
  return { query: (sql) => connection.promise().query(sql), release: () => connection.release() }
}

/**
 * DDL commits what is open in its session and can't be rolled back, so what an operation has done in vain would stay:
 * the dump has every table as it is declared, with the number of its next row, and every row.
 */
async function dump(rows: Rows): Promise<string> {
  const tables = await namesOf(rows)
  const declared = tables.map((table) => `SHOW CREATE TABLE ${table}`)
  const contents = tables.map((table) => `SELECT * FROM ${table} ORDER BY 1`)
  return JSON.stringify(await rows([...declared, ...contents, 'SHOW TABLES'].join('; ')), null, 1)
}

async function namesOf(rows: Rows): Promise<readonly string[]> {
  const tables = await rows(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = database() ORDER BY 1',
  )
  return tables.map(({ name }) => `\`${name}\``)
}

/** Without the numbers of next rows, which nobody can put back without DDL. */
function unnumbered(text: string): string {
  return text.replaceAll(/ AUTO_INCREMENT=\d+/g, '')
}

/** Copies every row to a database beside; the text that puts them back, for a run of changes without DDL. */
async function keepRows(rows: Rows, database: string): Promise<string> {
  const kept = keptIn(database)
  const names = await namesOf(rows)
  const copies = names.map((name) => `CREATE TABLE ${kept}.${name} AS SELECT * FROM ${name};`)
  await rows(`CREATE DATABASE ${kept}; ${copies.join(' ')}`)
  const restores = names.map((name) => `DELETE FROM ${name}; INSERT INTO ${name} SELECT * FROM ${kept}.${name};`)
  return `SET SESSION foreign_key_checks = 0, lock_wait_timeout = 3; START TRANSACTION; ${restores.join(' ')} COMMIT`
}

function keptIn(database: string): string {
  return `\`${database}_kept\``
}

/** `SERVER_STATUS_IN_TRANS` of the protocol. */
const IN_TRANSACTION = 1

/**
 * Asks every connection of the pool itself: each answer of the server tells whether a transaction is open, which the
 * views of InnoDB show late, and not at all before its first statement.
 */
async function leaks(pool: Pool): Promise<readonly string[]> {
  const queues = pool as unknown as PoolInternals
  // One that was ended keeps its connections in the list.
  if (queues._closed) return []
  const found: string[] = []
  const taken = queues._allConnections.length - queues._freeConnections.length
  if (taken > 0) found.push(`${taken} connections not given back`)
  if (queues._connectionQueue.length > 0) found.push(`${queues._connectionQueue.length} waiting for a connection`)
  for (let index = 0; index < queues._allConnections.length; index += 1) {
    const [result] = await queues._allConnections.get(index).promise().query<mysql.ResultSetHeader>('SET @asked = 1')
    const { serverStatus } = result as unknown as { readonly serverStatus: number }
    if (serverStatus & IN_TRANSACTION) found.push('a transaction is open')
  }
  return found
}

interface PoolInternals extends Readonly<Record<'_allConnections' | '_freeConnections' | '_connectionQueue', Queue>> {
  readonly _closed: boolean
}

interface Queue {
  readonly length: number
  get(index: number): PoolConnection
}
