import { type Cluster, type ClusterOptions, createCluster } from '@quiesce/core'
import { type DatabaseName, freshDatabase, wantedDatabases } from '@quiesce/test-servers'
import { describe, inject } from 'vitest'
import { type Flavour, flavourOf } from './flavour.ts'
import { connectRaw, poolRaw, type RawConnection, type Row } from './raw-connection.ts'

/** The databases that this run tests. */
export const databases: readonly DatabaseName[] = wantedDatabases()

/** A suite for each of these databases that this run tests; where it tests none of them, the suite shows as skipped. */
export function describeOn<K extends DatabaseName>(
  ...kinds: readonly K[]
): (name: string, suite: (kind: K) => void) => void {
  const wanted = kinds.filter((kind) => databases.includes(kind))
  return describe.skipIf(wanted.length === 0).each(wanted.length === 0 ? [...kinds] : wanted)
}

/** A database of a test's own, with connections that no guard sees. */
export interface TestDatabase {
  readonly url: string
  readonly flavour: Flavour
  query(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>
  /** Opens a connection as another program would. */
  connect(name?: string): Promise<RawConnection>
  /** Makes a cluster object on it, closed with the database. */
  cluster(options?: Partial<ClusterOptions>): Cluster
  /** The cluster's row. */
  state(): Promise<{ readonly epoch: string; readonly mode: string }>
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

/** Inserts a new entry, whatever the database. */
export function insertEntry(id: string = crypto.randomUUID()): string {
  return `INSERT INTO entry (id) VALUES ('${id}')`
}

/** Makes a database with the coordination tables and an `entry` table. */
export async function testDatabase(
  hint: string,
  kind: DatabaseName = 'postgres',
  serverUrl: string | undefined = inject(`${kind}Url`),
): Promise<TestDatabase> {
  const database = await freshDatabase(serverUrl, hint)
  const flavour = flavourOf(kind)
  const pool = poolRaw(database.url)
  const clusters: Cluster[] = []
  const cluster = (options: Partial<ClusterOptions> = {}): Cluster => {
    const made = createCluster({ database: database.url, ...fastOptions, ...options })
    clusters.push(made)
    return made
  }
  await cluster().migrate()
  await pool.query(flavour.createEntry)
  return {
    url: database.url,
    flavour,
    query: pool.query,
    connect: (name) => connectRaw(database.url, name),
    cluster,
    async state() {
      const [row] = await pool.query(`SELECT epoch, mode FROM ${flavour.table('cluster')}`)
      return { epoch: String(row?.['epoch']), mode: row?.['mode'] }
    },
    async drop() {
      await Promise.allSettled(clusters.map((made) => made.close()))
      await pool.end()
      await database.drop()
    },
  }
}
