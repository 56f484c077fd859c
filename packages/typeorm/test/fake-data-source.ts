import type { DataSourceLike, QueryRunnerLike } from '../src/index.ts'

/** A query runner that notes what reaches it. */
export interface FakeRunner extends QueryRunnerLike {
  readonly sent: string[]
  query(sql: string): Promise<unknown>
  stream(sql: string): Promise<unknown>
  startTransaction(): Promise<void>
  commitTransaction(): Promise<void>
  rollbackTransaction(): Promise<void>
}

/** A data source without a server. */
export type FakeDataSource = Omit<DataSourceLike, 'createQueryRunner'> & { createQueryRunner(): FakeRunner }

/** Makes a data source; `isShared` hands out one runner for ever, as the SQLite drivers do. */
export function createFakeDataSource(type: string, isShared = false): FakeDataSource {
  let shared: FakeRunner | undefined
  const driver = {
    options: { type },
    createQueryRunner(): FakeRunner {
      if (!isShared) return createRunner(false)
      shared ??= createRunner(true)
      return shared
    },
    buildTableName: (table: string) => table,
  }
  return {
    isInitialized: true,
    options: {},
    driver,
    subscribers: [],
    migrations: [],
    logger: { logSchemaBuild: () => {} },
    createQueryRunner: () => driver.createQueryRunner(),
  }
}

function createRunner(isShared: boolean): FakeRunner {
  const sent: string[] = []
  let isReleased = false
  const call = (name: string) => async (): Promise<void> => {
    sent.push(name)
  }
  return {
    sent,
    get isReleased() {
      return isReleased
    },
    isTransactionActive: false,
    connect: async () => ({}),
    async query(sql) {
      sent.push(sql)
      if (sql.includes('fails')) throw Object.assign(new Error('lost'), { driverError: new Error('lost') })
    },
    async stream(sql) {
      sent.push(sql)
    },
    async release() {
      isReleased = !isShared
    },
    hasTable: async () => false,
    startTransaction: call('start'),
    commitTransaction: call('commit'),
    rollbackTransaction: call('rollback'),
  }
}
