import { type FreshDatabase, freshDatabase } from '@quiesce/test-servers'
import { afterAll, beforeAll, beforeEach, inject } from 'vitest'
import { createGuardedClients, type GuardedClients } from './guarded-clients.ts'
import type { PrismaVersion } from './prisma-version.ts'
import { createTables, type TestTables } from './tables.ts'
import type { TestCluster } from './test-cluster.ts'

/** The database and the clients of a suite; there from its first test on. */
export interface GuardedDatabase {
  readonly url: string
  readonly tables: TestTables
  readonly clients: GuardedClients
}

/** Gives a suite its own database; every test starts read-write, with the rows of the seed. */
export function useGuardedDatabase(version: PrismaVersion, cluster: TestCluster): () => GuardedDatabase {
  let database: FreshDatabase | undefined
  let tables: TestTables | undefined
  let clients: GuardedClients | undefined

  beforeAll(async () => {
    database = await freshDatabase(inject('postgresUrl'), 'prisma')
    tables = await createTables(database.url)
    clients = await createGuardedClients(version, database.url, cluster)
  })
  afterAll(async () => {
    await clients?.close()
    await tables?.close()
    await database?.drop()
  })
  beforeEach(async () => {
    cluster.thaw()
    await tables?.reset()
    clients?.takeSent()
  })
  return () => {
    if (!database || !tables || !clients) throw new Error('The database of the suite is there once beforeAll has run.')
    return { url: database.url, tables, clients }
  }
}
