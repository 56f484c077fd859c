import { inject } from 'vitest'
import type { FixtureOptions } from '../fixture.ts'
import type { ServerTarget } from '../server-fixture.ts'
import type { TypeormModule } from '../typeorm-module.ts'
import { type MysqlFixture, type MysqlKind, mysqlOptions, openMysqlFixture } from './mysql-fixture.ts'
import { mysqlClients, mysqlReads, mysqlStatements } from './mysql-operations.ts'

/** The target with the fixture of mysql2. */
export interface MysqlTarget extends ServerTarget {
  open(typeorm: TypeormModule, options?: FixtureOptions): Promise<MysqlFixture>
}

/** TypeORM on mysql2, for either product. */
export const mysqlTarget = (kind: MysqlKind): MysqlTarget => ({
  name: kind === 'mysql' ? 'MySQL' : 'MariaDB',
  open: (typeorm, options) => openMysqlFixture(kind, typeorm, options),
  serverUrl: () => inject(`${kind}Url`),
  options: (typeorm, url, more) => mysqlOptions(kind, typeorm, url, more),
  statements: mysqlStatements,
  clients: mysqlClients,
  reads: mysqlReads,
  harmless: ['synchronize'],
  streamed: `INSERT INTO setting (name) VALUES ('x')`,
  refusesAtPool: false,
  sleep: (seconds) => `SELECT sleep(${seconds})`,
  slowInsert: (seconds) => `INSERT INTO setting (name) SELECT sleep(${seconds})`,
})
