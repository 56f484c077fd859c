import { type Cluster, type ClusterOptions, createCluster } from '@quiesce/core'
import { freshDatabase } from '@quiesce/test-servers'
import pg from 'pg'
import { inject } from 'vitest'

/** A database of a test's own, with a connection that no guard sees. */
export interface TestDatabase {
  readonly url: string
  readonly pool: pg.Pool
  query(sql: string, parameters?: readonly unknown[]): Promise<pg.QueryResult['rows']>
  /** Makes a cluster object on it, closed with the database. */
  cluster(options?: Partial<ClusterOptions>): Cluster
  drop(): Promise<void>
}

/** Short durations, so that leases run out within a test; all of the library's rules between them hold. */
export const fastOptions = {
  pollIntervalMs: 200,
  fastPollIntervalMs: 50,
  nodeLeaseMs: 1000,
  writeBoundMs: 300,
  freezeLeaseMs: 1500,
  lockDelayMs: 100,
  statementTimeoutMs: 900,
  closeTimeoutMs: 1000,
} as const

/** Makes a database with the coordination tables and an `entry` table. */
export async function testDatabase(hint: string): Promise<TestDatabase> {
  const database = await freshDatabase(inject('postgresUrl'), hint)
  const pool = new pg.Pool({ connectionString: database.url, max: 5 })
  pool.on('error', () => {})
  const clusters: Cluster[] = []
  const cluster = (options: Partial<ClusterOptions> = {}): Cluster => {
    const made = createCluster({ database: database.url, ...fastOptions, ...options })
    clusters.push(made)
    return made
  }
  await cluster().migrate()
  await pool.query('CREATE TABLE entry (id uuid PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp())')
  return {
    url: database.url,
    pool,
    query: async (sql, parameters = []) => (await pool.query(sql, [...parameters])).rows,
    cluster,
    async drop() {
      await Promise.allSettled(clusters.map((made) => made.close()))
      await pool.end()
      await database.drop()
    },
  }
}
