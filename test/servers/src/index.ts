export { type FaultProxy, type ProxyTarget, startFaultProxy } from './fault-proxy.ts'
export { type FreshDatabase, freshDatabase } from './fresh-database.ts'
export type { PostgresServer } from './postgres-server.ts'
export { type PostgresOptions, startPostgres } from './start-postgres.ts'
export type { StopMode } from './stop-process.ts'
export { type TestPostgres, testPostgres } from './test-postgres.ts'
export { TestServerError, type TestServerErrorCode } from './test-server-error.ts'
// The type also brings the declaration of `inject('postgresUrl')` along.
export type { PostgresContext } from './vitest-global-setup.ts'
