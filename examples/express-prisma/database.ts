import { PrismaPg } from '@prisma/adapter-pg'
import type { Cluster } from '@quiesce/core'
import { guardAdapter, readOnlyMode } from '@quiesce/prisma'
import { PrismaClient } from './prisma/generated/client.ts'

/** The Prisma client of the application: every statement passes the guard. */
export function connect(cluster: Cluster, connectionString: string) {
  const adapter = guardAdapter(cluster, new PrismaPg({ connectionString }))
  return new PrismaClient({ adapter }).$extends(readOnlyMode(cluster))
}

/** What a migration would create. */
export async function createTables(prisma: ReturnType<typeof connect>): Promise<void> {
  await prisma.$executeRaw`CREATE TABLE IF NOT EXISTS shop_order (id serial PRIMARY KEY, item text NOT NULL)`
  await prisma.$executeRaw`CREATE TABLE IF NOT EXISTS session (id text PRIMARY KEY, created_at timestamp(3) NOT NULL DEFAULT now())`
}
