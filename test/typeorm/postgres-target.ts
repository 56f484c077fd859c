import { inject } from 'vitest'
import { dataSourceOptions, type Fixture, type FixtureOptions, openFixture } from './fixture.ts'
import { clientOperations, statementOperations } from './operations-below-orm.ts'
import { postgresReads, readOperations } from './read-operations.ts'
import type { ServerTarget } from './server-fixture.ts'
import type { TypeormModule } from './typeorm-module.ts'

/** The target with the fixture that only PostgreSQL has. */
export interface PostgresTarget extends ServerTarget {
  open(typeorm: TypeormModule, options?: FixtureOptions): Promise<Fixture>
}

export const postgresTarget: PostgresTarget = {
  name: 'PostgreSQL',
  open: openFixture,
  statements: statementOperations,
  clients: clientOperations,
  serverUrl: () => inject('postgresUrl'),
  options: dataSourceOptions,
  streamed: "INSERT INTO setting (name) VALUES ('x') RETURNING *",
  refusesAtPool: true,
  sleep: (seconds) => `SELECT pg_sleep(${seconds})`,
  slowInsert: (seconds) => `INSERT INTO setting (name) SELECT pg_sleep(${seconds})::text`,
  reads: [...readOperations, ...postgresReads],
  harmless: ['synchronize', 'GRANT', 'nextval', 'EXPLAIN ANALYZE', 'client, named'],
}
