import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { makeTypedQueryFactory } from '@prisma/client/runtime/client'
import { type DatabaseName, freshDatabase } from '@quiesce/test-servers'
import { inject } from 'vitest'
import { mariadbDialect, mysqlDialect } from '../../../packages/core/src/dialects/mysql/mysql-dialect.ts'
import type { PrismaDatabase, ServerDatabase } from '../support/prisma-database.ts'
import type { PrismaVersion } from '../support/prisma-version.ts'
import type { Client } from '../support/write-form.ts'
import { PrismaClient } from './generated/client.ts'
import { mariadbUrl } from './mariadb-url.ts'
import { mariadbForms, mysqlForms } from './mysql-forms.ts'
import { createMysqlTables } from './mysql-tables.ts'

const server: ServerDatabase = {
  slowRename: (name, seconds) => `UPDATE report_card SET name = if(sleep(${seconds}), name, '${name}') WHERE id = 1`,
  async cutSleepers(query) {
    const sleepers = await query(
      `SELECT id FROM information_schema.processlist WHERE info LIKE 'UPDATE%sleep(%' AND db = database()`,
    )
    for (const { id } of sleepers) await query(`KILL ${id}`)
    return sleepers.length
  },
}

const database = (kind: Exclude<DatabaseName, 'postgres'>): PrismaDatabase => ({
  name: kind === 'mysql' ? 'MySQL' : 'MariaDB',
  dialect: kind === 'mysql' ? mysqlDialect : mariadbDialect,
  rawForms: kind === 'mysql' ? mysqlForms : mariadbForms,
  missingForms: ['createManyAndReturn', 'updateManyAndReturn'],
  server,
  async open() {
    const fresh = await freshDatabase(inject(`${kind}Url`), 'prisma')
    const tables = await createMysqlTables(fresh.url)
    return {
      url: fresh.url,
      tables,
      async drop() {
        await tables.close()
        await fresh.drop()
      },
    }
  },
})

/** The current major version on `@prisma/adapter-mariadb`, for either product. */
export const prismaMysql = (kind: Exclude<DatabaseName, 'postgres'>): PrismaVersion => ({
  name: '7',
  database: database(kind),
  createAdapter: (url, max) => new PrismaMariaDb(mariadbUrl(url, max)),
  // The models are the same, and so is what the tests call of them.
  createClient: (adapter) => new PrismaClient({ adapter: adapter as PrismaMariaDb }) as unknown as Client,
  typedSql: (sql) => makeTypedQueryFactory(sql)(),
})
