import type {} from 'vitest'
import type { TestProject } from 'vitest/node'
import { type TestServer, testServer } from './test-server.ts'
import { type DatabaseName, wantedDatabases } from './wanted-databases.ts'

/** URLs of the servers for this run; `undefined` for those that `QUIESCE_TEST_DATABASES` leaves out. */
export interface ServerContext {
  readonly postgresUrl: string | undefined
  readonly mysqlUrl: string | undefined
  readonly mariadbUrl: string | undefined
}

declare module 'vitest' {
  // An interface, because only an interface merges with the one of vitest.
  interface ProvidedContext extends ServerContext {}
}

/**
 * Starts the servers of a test run, side by side; name this file in `globalSetup`.
 *
 * `QUIESCE_TEST_DATABASES=postgres,mysql,mariadb` selects them; default: all of them.
 *
 * @example
 * const database = await freshDatabase(inject('postgresUrl'))
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const begin = performance.now()
  const starts = wantedDatabases().map(async (name) => ({ name, server: await announced(name, begin) }))
  const outcomes = await Promise.allSettled(starts)
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const close = async (): Promise<void> => {
    await Promise.all(started.map(({ server }) => server.close()))
  }
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failure !== undefined) {
    await close()
    throw failure.reason
  }
  for (const { name, server } of started) project.provide(`${name}Url`, server.url)
  return close
}

async function announced(name: DatabaseName, begin: number): Promise<TestServer> {
  const server = await testServer(name)
  const seconds = ((performance.now() - begin) / 1_000).toFixed(1)
  console.log(`${server.label} ${server.version} ready after ${seconds} s (${new URL(server.url).host})`)
  return server
}
