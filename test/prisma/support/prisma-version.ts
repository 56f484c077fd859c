import type { SqlDriverAdapterFactoryLike } from '@quiesce/prisma'
import type { PrismaClient } from '../generated/client.ts'
import type { PrismaDatabase } from './prisma-database.ts'

/** A version of Prisma under test, with a database. */
export interface PrismaVersion {
  readonly name: string
  readonly database: PrismaDatabase
  /** The driver adapter of that version on a pool of at most `max` connections. */
  createAdapter(url: string, max: number): SqlDriverAdapterFactoryLike
  createClient(adapter: SqlDriverAdapterFactoryLike): PrismaClient
  /** What `prisma generate --sql` makes of a file of SQL. */
  typedSql(sql: string): Parameters<PrismaClient['$queryRawTyped']>[0]
}
