import { randomBytes } from 'node:crypto'
import { databaseCommands } from './database-commands.ts'

/** Creates an empty database next to the one of `serverUrl` and returns its URL. */
export async function createDatabase(serverUrl: string, name: string): Promise<string> {
  await databaseCommands(serverUrl).create(serverUrl, name)
  const url = new URL(serverUrl)
  url.pathname = `/${encodeURIComponent(name)}`
  return url.href
}

/** Returns a name nobody uses; `hint` is a part of it, for the reader of a log. */
export function uniqueDatabaseName(hint: string): string {
  // PostgreSQL cuts names at 63 bytes, which must not hit the random part.
  const readable = hint
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 40)
  return `${readable}_${randomBytes(6).toString('hex')}`
}
