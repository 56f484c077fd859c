/** One statement as Prisma hands it to a driver adapter. */
export interface SqlQueryLike {
  readonly sql: string
  readonly args?: readonly unknown[]
  readonly argTypes?: readonly unknown[]
}

/** What runs statements: an adapter outside transactions, a transaction inside them. */
export interface SqlQueryableLike {
  readonly provider: string
  readonly adapterName: string
  queryRaw(query: SqlQueryLike): Promise<unknown>
  executeRaw(query: SqlQueryLike): Promise<number>
}

type SavepointStep = ((name: string) => Promise<void>) | undefined

/** A transaction of a driver adapter; savepoints exist since Prisma 7.5, and not in every adapter. */
export interface TransactionLike extends SqlQueryableLike {
  /** With `usePhantomQuery` the driver begins and ends it by calls; otherwise Prisma sends COMMIT or ROLLBACK itself. */
  readonly options: { readonly usePhantomQuery: boolean }
  commit(): Promise<void>
  rollback(): Promise<void>
  readonly createSavepoint?: SavepointStep
  readonly rollbackToSavepoint?: SavepointStep
  readonly releaseSavepoint?: SavepointStep
}

/** What an adapter tells about its connection. */
export interface ConnectionInfoLike {
  readonly schemaName?: string | undefined
}

/** A connected driver adapter. */
export interface SqlDriverAdapterLike extends SqlQueryableLike {
  executeScript(script: string): Promise<void>
  startTransaction(isolationLevel?: string): Promise<TransactionLike>
  getConnectionInfo?(): ConnectionInfoLike
  /** The pool of the driver. */
  underlyingDriver?(): object
  dispose(): Promise<void>
}

/**
 * What `new PrismaClient({ adapter })` takes, reduced to what a guard calls, so that one build serves Prisma 6.16 to 7.
 *
 * Methods are declared as methods on purpose: their parameters then accept Prisma's own, richer types.
 */
export interface SqlDriverAdapterFactoryLike {
  readonly provider: string
  readonly adapterName: string
  connect(): Promise<SqlDriverAdapterLike>
}
