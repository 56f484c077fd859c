import { type Cluster, type ClusterOptions, createCluster } from '@quiesce/core'
import Database from 'better-sqlite3'
import { fastOptions } from '../../support/database.ts'
import { type TemporaryFile, temporaryFile } from './temporary-file.ts'

/** A file with the coordination tables beside it and an `entry` table in it. */
export interface SqliteTestDatabase extends TemporaryFile {
  /** A connection to the file that no guard sees. */
  readonly plain: Database.Database
  /** A connection to the coordination file that no store knows. */
  readonly coordination: Database.Database
  readonly entries: () => number
  /** Makes a cluster object, closed with the database. */
  cluster(options?: Partial<ClusterOptions>): Cluster
  drop(): Promise<void>
}

/** Makes a database of a test's own. */
export async function sqliteDatabase(): Promise<SqliteTestDatabase> {
  const temporary = temporaryFile()
  const clusters: Cluster[] = []
  const cluster = (options: Partial<ClusterOptions> = {}): Cluster => {
    const made = createCluster({ database: temporary.url, ...fastOptions, ...options })
    clusters.push(made)
    return made
  }
  await cluster().migrate()
  const plain = new Database(temporary.file)
  plain.exec('CREATE TABLE entry (id TEXT PRIMARY KEY)')
  const coordination = new Database(`${temporary.file}-quiesce`)
  return {
    ...temporary,
    plain,
    coordination,
    entries: () => Number(plain.prepare('SELECT count(*) FROM entry').pluck().get()),
    cluster,
    async drop() {
      await Promise.allSettled(clusters.map((made) => made.close()))
      plain.close()
      coordination.close()
      temporary.remove()
    },
  }
}
