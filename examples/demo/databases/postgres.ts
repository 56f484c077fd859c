import { readFileSync } from 'node:fs'
import { startPostgres } from '@quiesce/test-servers'
import pg from 'pg'
import type { Database, Server } from './database.ts'

/** Starts PostgreSQL from the npm binaries. */
export async function startOnPostgres(): Promise<Server> {
  const server = await startPostgres()
  const [app, copy] = [connect(await server.createDatabase('app')), connect(await server.createDatabase('copy'))]
  return { label: `PostgreSQL ${server.version}`, app, copy, stop: () => server.stop() }
}

function connect(url: string): Database {
  // A pool that survives the end of the server.
  const pool = new pg.Pool({ connectionString: url }).on('error', () => {})
  return {
    url,
    async seed() {
      await pool.query(readFileSync(new URL('./postgres.sql', import.meta.url), 'utf8'))
    },
    query: async (sql) => (await pool.query(sql)).rows,
    async checksums(table, columns) {
      const { rows } = await pool.query(`SELECT id, md5(row(${columns.join(', ')})::text) AS checksum FROM ${table}`)
      return new Map(rows.map(({ id, checksum }) => [id, checksum]))
    },
    async insert(table, rows) {
      await pool.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`, [
        JSON.stringify(rows),
      ])
    },
    coordinationTable: (name) => `quiesce.quiesce_${name}`,
    end: () => pool.end(),
  }
}
