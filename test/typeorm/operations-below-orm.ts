import { once } from 'node:events'
import pg, { type Pool, type PoolClient } from 'pg'
import type { DataSource } from 'typeorm'
import type { Operation } from './operations.ts'
import type { TypeormModule } from './typeorm-module.ts'

const UPDATE = "UPDATE setting SET value = 'x'"

/** Text of one's own, transactions and streams. */
export const statementOperations: readonly Operation[] = [
  { name: 'dataSource.query', run: (db) => db.query(UPDATE) },
  { name: 'manager.query', run: (db) => db.manager.query('DELETE FROM setting') },
  { name: 'sql template', run: (db) => db.sql`UPDATE setting SET value = ${'x'}` },
  {
    name: 'CTE that deletes',
    run: (db) => db.query('WITH gone AS (DELETE FROM setting RETURNING *) SELECT * FROM gone'),
  },
  { name: 'SELECT INTO', run: (db) => db.query('SELECT * INTO copied FROM setting') },
  { name: 'EXPLAIN ANALYZE', run: (db) => db.query(`EXPLAIN ANALYZE ${UPDATE}`) },
  { name: 'DO block', run: (db) => db.query('DO $$ BEGIN DELETE FROM setting; END $$') },
  { name: 'statements in one text', run: (db) => db.query(`SELECT 1; ${UPDATE}`) },
  { name: 'a whole transaction in one text', run: (db) => db.query(`BEGIN; ${UPDATE}; COMMIT`) },
  { name: 'TRUNCATE', run: (db) => db.query('TRUNCATE setting') },
  { name: 'GRANT', run: (db) => db.query('GRANT SELECT ON setting TO PUBLIC') },
  { name: 'nextval', run: (db) => db.query("SELECT nextval('setting_id_seq')") },
  { name: 'transaction', run: (db) => db.transaction((manager) => manager.query(UPDATE)) },
  {
    name: 'transaction that has read first',
    run: (db) =>
      db.transaction('SERIALIZABLE', async (manager) => {
        await manager.query('SELECT * FROM setting')
        await manager.query(UPDATE)
      }),
  },
  {
    name: 'nested transaction',
    model: 'ReportCard',
    run: (db) =>
      db.transaction((outer) =>
        outer.transaction((inner) => inner.getRepository('ReportCard').insert({ name: 'new' })),
      ),
  },
  {
    name: 'query on the slave runner',
    run: async (db) => {
      await using runner = releasing(db.createQueryRunner('slave'))
      await runner.query(UPDATE)
    },
  },
  { name: 'stream', run: (db) => stream(db, `${UPDATE} RETURNING *`) },
  { name: 'stream in a transaction', run: (db) => stream(db, UPDATE, true) },
]

/** Schema changes, migrations and the result cache. */
export function schemaOperations({ Table, TableColumn, TableIndex }: TypeormModule): readonly Operation[] {
  const withRunner =
    (use: (runner: ReturnType<DataSource['createQueryRunner']>) => Promise<unknown>): Operation['run'] =>
    async (db) => {
      await using runner = releasing(db.createQueryRunner())
      await use(runner)
    }
  const column = { name: 'extra', type: 'int', isNullable: true }
  return [
    { name: 'synchronize', run: (db) => db.synchronize() },
    { name: 'synchronize(true)', run: (db) => db.synchronize(true) },
    { name: 'dropDatabase', run: (db) => db.dropDatabase() },
    { name: 'undoLastMigration', run: (db) => db.undoLastMigration() },
    { name: 'clearTable', run: withRunner((runner) => runner.clearTable('setting')) },
    {
      name: 'createTable',
      run: withRunner((runner) => runner.createTable(new Table({ name: 'extra', columns: [column] }))),
    },
    { name: 'addColumn', run: withRunner((runner) => runner.addColumn('setting', new TableColumn(column))) },
    {
      name: 'createIndex',
      run: withRunner((runner) => runner.createIndex('setting', new TableIndex({ columnNames: ['value'] }))),
    },
    { name: 'cache remove', run: async (db) => db.queryResultCache?.remove(['a', 'b']) },
    { name: 'cache clear', run: async (db) => db.queryResultCache?.clear() },
  ]
}

/** What reaches the clients of node-postgres past the query runner. */
export const clientOperations: readonly Operation[] = [
  { name: 'client of a runner', run: (db) => withClient(db, (client) => client.query(UPDATE)) },
  {
    name: 'client, values',
    run: (db) => withClient(db, (client) => client.query('UPDATE setting SET value = $1', ['x'])),
  },
  { name: 'client, config', run: (db) => withClient(db, (client) => client.query({ text: UPDATE })) },
  { name: 'client, named', run: (db) => withClient(db, (client) => client.query({ name: 'named', text: UPDATE })) },
  {
    name: 'client, callback',
    run: (db) => withClient(db, (client) => promised((done) => client.query(UPDATE, done))),
  },
  {
    name: 'client, callback in the config',
    run: (db) =>
      withClient(db, (client) => promised((callback) => client.query(Object.assign({ text: UPDATE }, { callback })))),
  },
  {
    name: 'client, submittable',
    run: (db) => withClient(db, (client) => once(client.query(new pg.Query(UPDATE)), 'end')),
  },
  {
    name: 'client, transaction by hand',
    run: (db) =>
      withClient(db, async (client) => {
        await client.query('BEGIN')
        try {
          await client.query(UPDATE)
          await client.query('COMMIT')
        } catch (error) {
          await client.query('ROLLBACK')
          throw error
        }
      }),
  },
  { name: 'pool.query', run: (db) => poolOf(db).query(UPDATE) },
  { name: 'pool.query, callback', run: (db) => promised((done) => poolOf(db).query(UPDATE, done)) },
  {
    name: 'pool.connect',
    run: async (db) => {
      const client = await poolOf(db).connect()
      await client.query(UPDATE).finally(() => client.release())
    },
  },
  {
    name: 'runner constructed by hand',
    run: async (db) => {
      const runner = db.createQueryRunner()
      await runner.release()
      const Runner: new (driver: unknown, mode: 'master') => typeof runner = Reflect.get(runner, 'constructor')
      await using own = releasing(new Runner(db.driver, 'master'))
      await own.query(UPDATE).catch((error: { driverError?: unknown }) => {
        throw error.driverError ?? error
      })
    },
  },
]

async function stream(db: DataSource, sql: string, inTransaction = false): Promise<void> {
  await using runner = releasing(db.createQueryRunner())
  if (inTransaction) await runner.startTransaction()
  try {
    const rows = await runner.stream(sql)
    rows.resume()
    await once(rows, 'end')
    if (inTransaction) await runner.commitTransaction()
  } catch (error) {
    if (inTransaction) await runner.rollbackTransaction()
    throw error
  }
}

async function withClient(db: DataSource, use: (client: PoolClient) => Promise<unknown>): Promise<void> {
  await using runner = releasing(db.createQueryRunner())
  await use(await runner.connect())
}

function poolOf(db: DataSource): Pool {
  return Reflect.get(db.driver, 'master')
}

function promised(call: (done: (error: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => (error ? reject(error) : resolve()))
  })
}

/** A runner that is released at the end of its block; TypeORM 1.x has this by itself. */
function releasing<T extends { release(): Promise<void> }>(runner: T): T & AsyncDisposable {
  return Object.assign(runner, { [Symbol.asyncDispose]: () => runner.release() })
}
