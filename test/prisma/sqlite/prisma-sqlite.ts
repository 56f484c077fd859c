import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { makeTypedQueryFactory } from '@prisma/client/runtime/client'
import { sqliteDialect } from '../../../packages/core/src/dialects/sqlite/sqlite-dialect.ts'
import { temporaryFile } from '../../sqlite/support/temporary-file.ts'
import type { PrismaDatabase } from '../support/prisma-database.ts'
import type { PrismaVersion } from '../support/prisma-version.ts'
import type { Client } from '../support/write-form.ts'
import { PrismaClient } from './generated/client.ts'
import { sqliteForms } from './sqlite-forms.ts'
import { createSqliteTables } from './sqlite-tables.ts'

const sqliteDatabase: PrismaDatabase = {
  name: 'SQLite',
  dialect: sqliteDialect,
  rawForms: sqliteForms,
  missingForms: ['createMany with skipDuplicates'],
  async open() {
    const { file, url, remove } = temporaryFile()
    const tables = createSqliteTables(file)
    return {
      url,
      tables,
      async drop() {
        await tables.close()
        remove()
      },
    }
  },
}

/** The current major version on better-sqlite3: one connection, on which everything runs. */
export const prismaSqlite: PrismaVersion = {
  name: '7',
  database: sqliteDatabase,
  createAdapter: (url) => new PrismaBetterSqlite3({ url, timeout: 500 }),
  // The models are the same, and so is what the tests call of them.
  createClient: (adapter) => new PrismaClient({ adapter: adapter as PrismaBetterSqlite3 }) as unknown as Client,
  typedSql: (sql) => makeTypedQueryFactory(sql)(),
}
