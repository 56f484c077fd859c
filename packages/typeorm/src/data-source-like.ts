/** The part of TypeORM's `QueryRunner` that is used. */
export interface QueryRunnerLike {
  readonly isReleased: boolean
  readonly isTransactionActive: boolean
  connect(): Promise<unknown>
  release(): Promise<void>
  hasTable(table: string): Promise<boolean>
}

/** The part of TypeORM's `Driver` that is used. */
export interface DriverLike {
  readonly options: { readonly type: string }
  createQueryRunner(mode: 'master' | 'slave'): QueryRunnerLike
  buildTableName(table: string, schema?: string, database?: string): string
}

/** The part of TypeORM's select query builder that reads the table of executed migrations. */
export interface SelectLike {
  select(): SelectLike
  from(table: string, alias: string): SelectLike
  getRawMany(): Promise<readonly unknown[]>
}

/**
 * The part of TypeORM's `DataSource` that is used; the real one of TypeORM 0.3 and 1.x fits.
 *
 * It is a structure of its own so that the package does not tie its types to one version of TypeORM.
 */
export interface DataSourceLike {
  readonly isInitialized: boolean
  readonly options: object
  readonly driver: DriverLike
  readonly subscribers: readonly unknown[]
  readonly migrations: readonly object[]
  readonly logger: { logSchemaBuild(message: string): unknown }
  readonly queryResultCache?: object | undefined
  createQueryRunner(mode?: 'master' | 'slave'): QueryRunnerLike
}
