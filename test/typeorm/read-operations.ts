import { once } from 'node:events'
import type { DataSource, ObjectLiteral, Repository } from 'typeorm'

/** One way to read. */
export interface ReadOperation {
  readonly name: string
  run(db: DataSource): Promise<unknown>
}

const cards = (db: DataSource): Repository<ObjectLiteral> => db.getRepository('ReportCard')

/** What must go on working while the cluster is read-only. */
export const readOperations: readonly ReadOperation[] = [
  { name: 'find', run: (db) => cards(db).find() },
  { name: 'find with relations', run: (db) => cards(db).find({ relations: { collection: true, tags: true } }) },
  { name: 'findAndCount', run: (db) => cards(db).findAndCount({ skip: 0, take: 1, order: { id: 'ASC' } }) },
  { name: 'exists', run: (db) => cards(db).exists({ where: { name: 'revenue' } }) },
  {
    name: 'query builder',
    run: (db) => cards(db).createQueryBuilder('c').leftJoinAndSelect('c.tags', 't').getManyAndCount(),
  },
  { name: 'cached find', run: (db) => cards(db).find({ cache: { id: 'cards', milliseconds: 60_000 } }) },
  {
    name: 'save without change',
    run: async (db) => cards(db).save(await cards(db).findOneByOrFail({ name: 'revenue' })),
  },
  { name: 'tree', run: (db) => db.getTreeRepository('ClosureNode').findTrees() },
  { name: 'dataSource.query', run: (db) => db.query('SELECT count(*) FROM report_card') },
  { name: 'CTE', run: (db) => db.query('WITH c AS (SELECT * FROM report_card) SELECT * FROM c') },
  {
    name: 'nested transaction',
    run: (db) => db.transaction((outer) => outer.transaction((inner) => inner.query('SELECT 1'))),
  },
  { name: 'runMigrations, nothing pending', run: (db) => db.runMigrations() },
  { name: 'showMigrations', run: (db) => db.showMigrations() },
]

/** The same in PostgreSQL's own words, and past the query runner. */
export const postgresReads: readonly ReadOperation[] = [
  {
    name: 'transaction',
    run: (db) => db.transaction('REPEATABLE READ', (manager) => manager.getRepository('ReportCard').find()),
  },
  { name: 'EXPLAIN', run: (db) => db.query('EXPLAIN SELECT * FROM report_card') },
  { name: 'SET', run: (db) => db.transaction((manager) => manager.query("SET LOCAL work_mem = '8MB'")) },
  {
    name: 'stream',
    run: async (db) => {
      const runner = db.createQueryRunner()
      const stream = await runner.stream('SELECT generate_series(1, 1000)')
      stream.resume()
      await once(stream, 'end')
      await runner.release()
    },
  },
  {
    name: 'raw client',
    run: async (db) => {
      const runner = db.createQueryRunner()
      const client = await runner.connect()
      await client.query('SELECT 1').finally(() => runner.release())
    },
  },
  { name: 'pool.query', run: (db) => Reflect.get(db.driver, 'master').query('SELECT 1') },
]
