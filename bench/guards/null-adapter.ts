import type { SqlDriverAdapterFactoryLike, SqlDriverAdapterLike, TransactionLike } from '@quiesce/prisma'

const rows = { columnTypes: [0], columnNames: ['id'], rows: [] }
const answered = Promise.resolve(rows)
const changed = Promise.resolve(1)
const done = Promise.resolve()
const connectionInfo = { schemaName: 'public', maxBindValues: 32_767, supportsRelationJoins: true }

const transaction: TransactionLike = {
  provider: 'postgres',
  adapterName: 'null',
  options: { usePhantomQuery: false },
  queryRaw: () => answered,
  executeRaw: () => changed,
  commit: () => done,
  rollback: () => done,
}

const adapter: SqlDriverAdapterLike = {
  provider: 'postgres',
  adapterName: 'null',
  queryRaw: () => answered,
  executeRaw: () => changed,
  executeScript: () => done,
  startTransaction: () => Promise.resolve(transaction),
  // The rest is for Prisma's query compiler, which a guard hands through.
  getConnectionInfo: () => connectionInfo,
  dispose: () => done,
}

/** A driver adapter without a database: every answer is there at once, so that only what is around it costs anything. */
export const nullAdapterFactory: SqlDriverAdapterFactoryLike = {
  provider: 'postgres',
  adapterName: 'null',
  connect: () => Promise.resolve(adapter),
}
