import { escapeIdentifier } from 'pg'
import { createDatabase, uniqueDatabaseName } from './create-database.ts'
import { queryOnce } from './query-once.ts'

/** An empty database for one test. */
export interface FreshDatabase extends AsyncDisposable {
  readonly name: string
  readonly url: string
  /** Drops the database and ends its sessions; does nothing when it is already gone. */
  drop(): Promise<void>
}

/**
 * Creates an empty database with a unique name next to the one of `serverUrl`.
 *
 * @param hint part of the name, for the reader of a log; for example the name of the test file.
 */
export async function freshDatabase(serverUrl: string, hint = 'test'): Promise<FreshDatabase> {
  const name = uniqueDatabaseName(hint)
  const url = await createDatabase(serverUrl, name)
  const drop = async (): Promise<void> => {
    await queryOnce(serverUrl, `DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`)
  }
  return { name, url, drop, [Symbol.asyncDispose]: drop }
}
