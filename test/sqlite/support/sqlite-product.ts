import type { Product } from '@quiesce/core/testing'
import Database from 'better-sqlite3'

/** What the contract needs of SQLite; its plain sessions look into the coordination file. */
export const sqlite: Product = {
  past: `CAST(unixepoch('subsec') * 1000 AS INTEGER) - 3600000`,
  place: '',
  entry: () => 'main.entry',
  async open(url) {
    const database = new Database(`${url.replace(/^file:/, '')}-quiesce`, { timeout: 2000 })
    return {
      async query(sql) {
        const statement = database.prepare(inSqlite(sql))
        if (statement.reader) return statement.all() as Record<string, unknown>[]
        statement.run()
        return []
      },
      async close() {
        database.close()
      },
    }
  },
}

/** SQLite has one lock for all rows, which a transaction asks for at its beginning. */
function inSqlite(sql: string): string {
  return sql === 'BEGIN' ? 'BEGIN IMMEDIATE' : sql.replace(/ FOR UPDATE$/, '')
}
