import { freshDatabase } from '@quiesce/test-servers'
import { inject } from 'vitest'
import { postgresDialect } from '../../../packages/core/src/dialects/postgres/postgres-dialect.ts'
import type { PrismaDatabase } from './prisma-database.ts'
import { rawForms } from './raw-forms.ts'
import { createTables } from './tables.ts'

export const postgresDatabase: PrismaDatabase = {
  name: 'PostgreSQL',
  dialect: postgresDialect,
  rawForms,
  missingForms: [],
  server: {
    slowRename: (name, seconds) => `UPDATE report_card SET name = '${name}' FROM pg_sleep(${seconds}) WHERE id = 1`,
    async cutSleepers(query) {
      const cut = await query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(%' AND pid <> pg_backend_pid() AND datname = current_database()`,
      )
      return cut.length
    },
  },
  async open() {
    const database = await freshDatabase(inject('postgresUrl'), 'prisma')
    const tables = await createTables(database.url)
    return {
      url: database.url,
      tables,
      async drop() {
        await tables.close()
        await database.drop()
      },
    }
  },
}
