import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createGuardedClients, type GuardedClients } from './guarded-clients.ts'
import type { OpenDatabase } from './prisma-database.ts'
import type { PrismaVersion } from './prisma-version.ts'
import type { TestTables } from './tables.ts'
import type { TestCluster } from './test-cluster.ts'

/** The database and the clients of a suite; there from its first test on. */
export interface GuardedDatabase {
  readonly url: string
  readonly tables: TestTables
  readonly clients: GuardedClients
}

/** Gives a suite its own database; every test starts read-write, with the rows of the seed. */
export function useGuardedDatabase(version: PrismaVersion, cluster: TestCluster): () => GuardedDatabase {
  let database: OpenDatabase | undefined
  let clients: GuardedClients | undefined

  beforeAll(async () => {
    database = await version.database.open()
    clients = await createGuardedClients(version, database.url, cluster)
  })
  afterAll(async () => {
    await clients?.close()
    await database?.drop()
  })
  beforeEach(async () => {
    cluster.thaw()
    await database?.tables.reset()
    clients?.takeSent()
  })
  return () => {
    if (!database || !clients) throw new Error('The database of the suite is there once beforeAll has run.')
    return { url: database.url, tables: database.tables, clients }
  }
}
