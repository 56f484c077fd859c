import { QuiesceError } from '../../domain/errors.ts'
import type { SqliteConstructor } from './driver.ts'

/** Loads better-sqlite3, which the application has installed. */
export async function loadDriver(): Promise<SqliteConstructor> {
  try {
    const { default: Database } = await import('better-sqlite3')
    return Database as unknown as SqliteConstructor
  } catch (cause) {
    throw new QuiesceError(
      'QUIESCE_CONFIG',
      'A SQLite database needs the package "better-sqlite3", which is not installed, or not built for this Node.js. Run: npm install better-sqlite3',
      {},
      { cause },
    )
  }
}
