import { readFileSync } from 'node:fs'
import type { SqlServer } from '@quiesce/test-servers'
import pg from 'pg'
import { type BenchServer, ROWS, TABLES } from './bench-server.ts'

/** Connects to a PostgreSQL whose commits flush nothing. */
export async function onPostgres(server: SqlServer): Promise<BenchServer> {
  const url = await server.createDatabase()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const [{ pid }] = (await client.query('SELECT pg_backend_pid() AS pid')).rows as [{ pid: number }]
  await client.query('SET synchronous_commit = off')
  for (const name of TABLES) {
    await client.query(`CREATE TABLE ${name} (id int PRIMARY KEY, v int)`)
    await client.query(`INSERT INTO ${name} SELECT n, 0 FROM generate_series(1, ${ROWS}) n`)
  }
  return {
    product: `PostgreSQL ${server.version}`,
    url,
    run: (sql) => client.query(sql),
    serverNs: () => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]),
    begin: async (isolation) => void (await client.query(`BEGIN ISOLATION LEVEL ${isolation}`)),
    showToken: async (token) => void (await client.query(`SELECT set_config('quiesce.token', $1, true)`, [token])),
    end: () => client.end(),
  }
}
