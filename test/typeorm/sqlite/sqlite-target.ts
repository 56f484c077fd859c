import type { DataSource, EntityManager, QueryRunner } from 'typeorm'
import type { Operation } from '../operations.ts'
import { readOperations } from '../read-operations.ts'
import type { TypeormTarget } from '../target.ts'
import { openSqliteFixture } from './sqlite-fixture.ts'

const UPDATE = `UPDATE setting SET value = 'x'`

const statements: readonly Operation[] = [
  { name: 'dataSource.query', run: (db) => db.query(UPDATE) },
  { name: 'manager.query', run: (db) => db.manager.query('DELETE FROM setting') },
  { name: 'sql template', run: (db) => db.sql`UPDATE setting SET value = ${'x'}` },
  { name: 'CTE', run: (db) => db.query(`WITH one AS (SELECT 1 AS id) DELETE FROM setting WHERE id IN one`) },
  { name: 'REPLACE', run: (db) => db.query(`REPLACE INTO setting (id, name) VALUES (1, 'x')`) },
  { name: 'UPDATE OR IGNORE', run: (db) => db.query(`UPDATE OR IGNORE main.[setting] SET value = 'x'`) },
  { name: 'CREATE TABLE AS', run: (db) => db.query('CREATE TABLE copied AS SELECT * FROM setting') },
  { name: 'user_version', run: (db) => db.query('PRAGMA user_version = 7') },
  { name: 'ATTACH', run: (db) => db.query(`ATTACH ':memory:' AS more`) },
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
  { name: 'transaction by hand', run: (db) => byHand(db.createQueryRunner()) },
]

/** TypeORM on better-sqlite3: one query runner on one connection. */
export const sqliteTarget: TypeormTarget = {
  name: 'SQLite',
  open: openSqliteFixture,
  statements,
  clients: [],
  reads: [
    ...readOperations,
    { name: 'transaction', run: (db: DataSource) => db.transaction((manager) => readSettings(manager)) },
    { name: 'EXPLAIN', run: (db) => db.query('EXPLAIN QUERY PLAN DELETE FROM setting') },
    { name: 'PRAGMA', run: (db) => db.query('PRAGMA table_info(setting)') },
  ],
  harmless: ['synchronize', 'ATTACH'],
}

function readSettings(manager: EntityManager): Promise<unknown> {
  return manager.getRepository('Setting').find()
}

async function byHand(runner: QueryRunner): Promise<void> {
  await runner.query('BEGIN')
  try {
    await runner.query(UPDATE)
    await runner.query('COMMIT')
  } catch (error) {
    await runner.query('ROLLBACK')
    throw error
  }
}
