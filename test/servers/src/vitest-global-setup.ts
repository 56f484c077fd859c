import type {} from 'vitest'
import type { TestProject } from 'vitest/node'
import { testPostgres } from './test-postgres.ts'

/** What the setup hands to the tests. */
export interface PostgresContext {
  /** URL of the server for this run; give it to `freshDatabase`. */
  readonly postgresUrl: string
}

declare module 'vitest' {
  // An interface, because only an interface merges with the one of vitest.
  interface ProvidedContext extends PostgresContext {}
}

/**
 * Starts the server of a test run; name this file in `globalSetup`.
 *
 * @example
 * const database = await freshDatabase(inject('postgresUrl'))
 */
// biome-ignore lint/style/noDefaultExport: vitest calls the default export of a setup file.
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await testPostgres()
  project.provide('postgresUrl', server.url)
  return () => server.close()
}
