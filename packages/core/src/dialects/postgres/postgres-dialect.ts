import type { PoolConfig } from 'pg'
import { QuiesceError } from '../../domain/errors.ts'
import type { Dialect } from '../dialect.ts'
import { explaining, explainReading } from '../explaining.ts'
import { postgresBelt } from './belt.ts'
import { clientEnvironment, urlWithToken } from './client-token.ts'
import { createPostgresContent } from './content.ts'
import { explain, fenceRefusalOf, outcomeOf } from './errors.ts'
import { createPostgresExecutor } from './executor.ts'
import { createPostgresFence } from './fence.ts'
import { checkNames, DEFAULT_COORDINATION_SCHEMA } from './names.ts'
import { createPostgresStandingFence } from './standing-fence.ts'
import { createPostgresStore } from './store.ts'

/** PostgreSQL 13 and later, through the driver `pg`. */
export const postgresDialect: Dialect = {
  name: 'postgres',
  grammar: 'postgres',
  guarantee: 'acknowledged',
  defaultSchema: 'public',
  defaultCoordinationSchema: DEFAULT_COORDINATION_SCHEMA,
  accepts: (database) => isUrl(database) || isPool(database),
  checkNames,
  connect: (database, options) => createPostgresExecutor(poolConfig(database), options),
  createStore: createPostgresStore,
  createFence: (executor, options) => explaining(createPostgresFence(executor, options), explain),
  createStandingFence: (executor, options) => explaining(createPostgresStandingFence(executor, options), explain),
  clientEnvironment,
  urlWithToken,
  fenceRefusalOf,
  belt: postgresBelt,
  contentOf: async (executor) => explaining(createPostgresContent(executor), explainReading(explain)),
  outcomeOf,
}

function isUrl(value: unknown): boolean {
  return typeof value === 'string' && /^postgres(ql)?:\/\//.test(value)
}

function isPool(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'options' in value && 'query' in value
}

/** A URL, or the options of a pool that the application made: we open our own connections with them. */
function poolConfig(database: unknown): PoolConfig {
  if (typeof database === 'string') return { connectionString: database }
  if (typeof database === 'object' && database !== null && 'options' in database) {
    const { max, min, idleTimeoutMillis, Client, Promise: _, ...options } = database.options as Record<string, unknown>
    // pg-pool hides the password from enumeration, so a copy has to ask for it by name.
    const { password } = database.options as { readonly password?: PoolConfig['password'] }
    return { ...options, ...(password === undefined ? {} : { password }) } as PoolConfig
  }
  throw new QuiesceError('QUIESCE_CONFIG', 'database must be a postgres:// URL or a pg.Pool.', {
    database: typeof database,
  })
}
