import { PrismaPg } from '@prisma/adapter-pg'
import { makeTypedQueryFactory } from '@prisma/client/runtime/client'
import { PrismaClient } from '../generated/client.ts'
import { postgresDatabase } from './postgres-database.ts'
import type { PrismaVersion } from './prisma-version.ts'

/** The current major version. */
export const prisma7: PrismaVersion = {
  name: '7',
  database: postgresDatabase,
  createAdapter: (connectionString, max) => new PrismaPg({ connectionString, max }),
  createClient: (adapter) => new PrismaClient({ adapter: adapter as PrismaPg }),
  typedSql: (sql) => makeTypedQueryFactory(sql)(),
}
