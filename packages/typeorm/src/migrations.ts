import type { DataSourceLike, QueryRunnerLike, SelectLike } from './data-source-like.ts'

/** What of the declared migrations has been run, read without creating the table in which TypeORM keeps them. */
export interface MigrationState {
  readonly hasTable: boolean
  readonly executed: readonly string[]
  readonly pending: readonly string[]
}

/** Reads the state of the migrations; changes nothing. */
export async function readMigrations(dataSource: DataSourceLike): Promise<MigrationState> {
  const runner = dataSource.createQueryRunner()
  try {
    const name = textOption(dataSource.options, 'migrationsTableName') ?? 'migrations'
    const { driver } = dataSource
    const schema = textOption(driver.options, 'schema')
    const table = driver.buildTableName(name, schema, textOption(driver, 'database'))
    const hasTable = await runner.hasTable(table)
    const executed = hasTable ? await readNames(dataSource, runner, table, name) : []
    const declared = dataSource.migrations.map(migrationName)
    return { hasTable, executed, pending: declared.filter((migration) => !executed.includes(migration)) }
  } finally {
    await runner.release()
  }
}

async function readNames(
  dataSource: DataSourceLike,
  runner: QueryRunnerLike,
  table: string,
  alias: string,
): Promise<readonly string[]> {
  const rows = await selectWith(dataSource, runner).select().from(table, alias).getRawMany()
  return rows.map((row) => textOption(Object(row), 'name') ?? '')
}

/** Every data source has it, but its many overloads fit no structural type, so this one call is typed by hand. */
function selectWith(dataSource: DataSourceLike, runner: QueryRunnerLike): SelectLike {
  const { createQueryBuilder } = dataSource as DataSourceLike & {
    createQueryBuilder(runner: QueryRunnerLike): SelectLike
  }
  return createQueryBuilder.call(dataSource, runner)
}

/** TypeORM names a migration by its property `name`, otherwise by its class. */
function migrationName(migration: object): string {
  return textOption(migration, 'name') ?? migration.constructor.name
}

function textOption(holder: object, name: string): string | undefined {
  const value: unknown = Reflect.get(holder, name)
  return typeof value === 'string' ? value : undefined
}
