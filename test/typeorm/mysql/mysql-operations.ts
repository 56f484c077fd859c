import { once } from 'node:events'
import type { Pool, PoolConnection } from 'mysql2'
import type { DataSource, EntityManager, QueryRunner } from 'typeorm'
import type { Operation } from '../operations.ts'
import { type ReadOperation, readOperations } from '../read-operations.ts'

const UPDATE = `UPDATE setting SET value = 'x'`

/** Text of one's own, transactions and streams, in the words of MySQL and MariaDB. */
export const mysqlStatements: readonly Operation[] = [
  { name: 'dataSource.query', run: (db) => db.query(UPDATE) },
  { name: 'query with values', run: (db) => db.query('UPDATE setting SET value = ?', ['x']) },
  { name: 'manager.query', run: (db) => db.manager.query('DELETE FROM setting') },
  { name: 'sql template', run: (db) => db.sql`UPDATE setting SET value = ${'x'}` },
  { name: 'REPLACE', run: (db) => db.query(`REPLACE INTO setting (id, name) VALUES (1, 'x')`) },
  {
    name: 'ON DUPLICATE KEY UPDATE',
    run: (db) => db.query(`INSERT INTO setting (id) VALUES (1) ON DUPLICATE KEY UPDATE value = 'x'`),
  },
  {
    name: 'UPDATE of a join',
    run: (db) => db.query(`UPDATE setting s JOIN cloud_migration m ON m.setting_id = s.id SET s.value = 'x'`),
  },
  {
    name: 'DELETE from two tables',
    run: (db) => db.query('DELETE s, m FROM setting s JOIN cloud_migration m ON m.setting_id = s.id'),
  },
  { name: 'executable comment', run: (db) => db.query(`/*!50100 ${UPDATE} */`) },
  { name: 'TRUNCATE', run: (db) => db.query('TRUNCATE setting') },
  { name: 'CREATE TABLE AS', run: (db) => db.query('CREATE TABLE copied AS SELECT * FROM setting') },
  { name: 'RENAME TABLE', run: (db) => db.query('RENAME TABLE setting TO renamed') },
  { name: 'PREPARE', run: (db) => preparedByText(db.createQueryRunner()) },
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
    name: 'DDL in a transaction',
    run: (db) =>
      db.transaction(async (manager) => {
        await manager.query('SELECT * FROM setting')
        await manager.query('CREATE TABLE extra (id int)')
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
  { name: 'query on the slave runner', run: (db) => withRunner(db, (runner) => runner.query(UPDATE), 'slave') },
  { name: 'stream', run: (db) => withRunner(db, (runner) => streamed(runner)) },
  {
    name: 'stream in a transaction',
    run: (db) =>
      withRunner(db, async (runner) => {
        await runner.startTransaction()
        try {
          await streamed(runner)
          await runner.commitTransaction()
        } catch (error) {
          await runner.rollbackTransaction()
          throw error
        }
      }),
  },
]

/** What reaches the connections of mysql2 past the query runner. */
export const mysqlClients: readonly Operation[] = [
  { name: 'query', run: (db) => withClient(db, (client) => client.promise().query(UPDATE)) },
  {
    name: 'query, values',
    run: (db) => withClient(db, (client) => client.promise().query('UPDATE setting SET value = ?', ['x'])),
  },
  { name: 'query, options', run: (db) => withClient(db, (client) => client.promise().query({ sql: UPDATE })) },
  { name: 'query, callback', run: (db) => withClient(db, (client) => called((done) => client.query(UPDATE, done))) },
  { name: 'query, events', run: (db) => withClient(db, (client) => once(client.query(UPDATE), 'end')) },
  {
    name: 'query, stream',
    run: (db) => withClient(db, (client) => once(client.query(UPDATE).stream().resume(), 'end')),
  },
  { name: 'execute', run: (db) => withClient(db, (client) => client.promise().execute(UPDATE)) },
  {
    name: 'execute, callback',
    run: (db) =>
      withClient(db, (client) => called((done) => client.execute('UPDATE setting SET value = ?', ['x'], done))),
  },
  {
    name: 'execute, events',
    run: (db) => withClient(db, (client) => once(client.execute(UPDATE), 'end')),
  },
  {
    name: 'prepared statement',
    run: (db) =>
      withClient(db, async (client) => {
        const statement = await client.promise().prepare('UPDATE setting SET value = ?')
        await statement.execute(['x'])
      }),
  },
  {
    name: 'transaction by calls',
    run: (db) =>
      withClient(db, async (client) => {
        const promised = client.promise()
        await promised.beginTransaction()
        try {
          await promised.query(UPDATE)
          await promised.commit()
        } catch (error) {
          await promised.rollback()
          throw error
        }
      }),
  },
  { name: 'pool.query', run: (db) => poolOf(db).promise().query(UPDATE) },
  { name: 'pool.query, callback', run: (db) => called((done) => poolOf(db).query(UPDATE, done)) },
  { name: 'pool.query, events', run: (db) => once(poolOf(db).query(UPDATE), 'end') },
  { name: 'pool.execute', run: (db) => poolOf(db).promise().execute(UPDATE) },
  {
    name: 'pool.getConnection',
    run: async (db) => {
      const connection = await poolOf(db).promise().getConnection()
      await connection.query(UPDATE).finally(() => connection.release())
    },
  },
  {
    name: 'runner constructed by hand',
    run: async (db) => {
      const runner = db.createQueryRunner()
      await runner.release()
      const Runner: new (driver: unknown, mode: 'master') => QueryRunner = Reflect.get(runner, 'constructor')
      const own = new Runner(db.driver, 'master')
      await own
        .query(UPDATE)
        .catch((error: { driverError?: unknown }) => {
          throw error.driverError ?? error
        })
        .finally(() => own.release())
    },
  },
]

/** What must go on working. */
export const mysqlReads: readonly ReadOperation[] = [
  ...readOperations,
  { name: 'transaction', run: (db) => db.transaction('REPEATABLE READ', (manager) => readSettings(manager)) },
  { name: 'EXPLAIN', run: (db) => db.query('EXPLAIN SELECT * FROM report_card') },
  { name: 'SHOW', run: (db) => db.query('SHOW TABLES') },
  { name: 'SET', run: (db) => db.query('SET SESSION sort_buffer_size = 262144') },
  {
    name: 'stream',
    run: (db) =>
      withRunner(db, async (runner) => {
        const rows = await runner.stream('SELECT * FROM report_card')
        await once(rows.resume(), 'end')
      }),
  },
  { name: 'query', run: (db) => withClient(db, (client) => client.promise().query('SELECT 1')) },
  { name: 'execute', run: (db) => withClient(db, (client) => client.promise().execute('SELECT ?', [1])) },
  { name: 'pool.query', run: (db) => poolOf(db).promise().query('SELECT 1') },
  { name: 'ping', run: (db) => withClient(db, (client) => client.promise().ping()) },
]

function readSettings(manager: EntityManager): Promise<unknown> {
  return manager.getRepository('Setting').find()
}

async function preparedByText(runner: QueryRunner): Promise<void> {
  try {
    await runner.query(`PREPARE own FROM 'DELETE FROM setting'`)
    await runner.query('EXECUTE own')
  } finally {
    await runner.release()
  }
}

async function streamed(runner: QueryRunner): Promise<void> {
  const rows = await runner.stream(UPDATE)
  await once(rows.resume(), 'end')
}

async function withRunner(
  db: DataSource,
  use: (runner: QueryRunner) => Promise<unknown>,
  mode: 'master' | 'slave' = 'master',
): Promise<void> {
  const runner = db.createQueryRunner(mode)
  await use(runner).finally(() => runner.release())
}

function withClient(db: DataSource, use: (client: PoolConnection) => Promise<unknown>): Promise<void> {
  return withRunner(db, async (runner) => use(await runner.connect()))
}

function poolOf(db: DataSource): Pool {
  return Reflect.get(db.driver, 'pool')
}

/** The end of a call with a callback; a second call of it would be an error. */
function called(call: (done: (error: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    let calls = 0
    call((error: unknown) => {
      calls += 1
      if (calls > 1) throw new Error('the callback was called twice')
      if (error) reject(error)
      else resolve()
    })
  })
}
