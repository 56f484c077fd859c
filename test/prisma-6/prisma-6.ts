import { PrismaPg } from '@prisma/adapter-pg'
import { makeTypedQueryFactory } from '@prisma/client/runtime/client'
import { postgresDatabase } from '../prisma/support/postgres-database.ts'
import type { PrismaVersion } from '../prisma/support/prisma-version.ts'
import type { Client } from '../prisma/support/write-form.ts'
import { PrismaClient } from './generated/client.ts'

/** The previous major version, with the engine that runs in JavaScript. */
export const prisma6: PrismaVersion = {
  name: '6.19',
  database: postgresDatabase,
  createAdapter: (connectionString, max) => new PrismaPg({ connectionString, max }),
  // The models are the same, and so is what the tests call of them.
  createClient: (adapter) => new PrismaClient({ adapter: adapter as PrismaPg }) as unknown as Client,
  typedSql: (sql) => makeTypedQueryFactory(sql)() as unknown as ReturnType<PrismaVersion['typedSql']>,
}
