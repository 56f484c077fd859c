import { createDatabase, uniqueDatabaseName } from './create-database.ts'
import { databaseCommands } from './database-commands.ts'
import { TestServerError } from './test-server-error.ts'

/** An empty database for one test. */
export interface FreshDatabase extends AsyncDisposable {
  readonly name: string
  readonly url: string
  /** Drops the database and ends its sessions; does nothing when it is already gone. */
  drop(): Promise<void>
}

/**
 * Creates an empty database with a unique name next to the one of `serverUrl`; a MySQL one has `utf8mb4`.
 *
 * @param serverUrl as the test run provides it.
 * @param hint part of the name, for the reader of a log; for example the name of the test file.
 * @throws TestServerError `DATABASE_NOT_SELECTED` when this test run has no such server.
 */
export async function freshDatabase(serverUrl: string | undefined, hint = 'test'): Promise<FreshDatabase> {
  if (serverUrl === undefined) {
    const message =
      'This test run has no server for the database: QUIESCE_TEST_DATABASES leaves it out. ' +
      'Add it there, unset the variable to have all of them, or guard the test with runIf.'
    throw new TestServerError('DATABASE_NOT_SELECTED', message)
  }
  const name = uniqueDatabaseName(hint)
  const url = await createDatabase(serverUrl, name)
  const drop = (): Promise<void> => databaseCommands(serverUrl).drop(serverUrl, name)
  return { name, url, drop, [Symbol.asyncDispose]: drop }
}
