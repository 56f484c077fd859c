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
  isServer: true,
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
