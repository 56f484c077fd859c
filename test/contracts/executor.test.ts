import { describeExecutorContract } from '@quiesce/core/testing'
import { freshDatabase } from '@quiesce/test-servers'
import { inject } from 'vitest'
import { chooseDialect } from '../../packages/core/src/dialects/choose-dialect.ts'
import { databases } from '../support/database.ts'
import { connectRaw } from '../support/raw-connection.ts'

const options = {
  applicationName: 'contract',
  connectionTimeoutMs: 5000,
  statementTimeoutMs: 3000,
  poolSize: 2,
  ownSessions: true,
}

for (const kind of databases) {
  describeExecutorContract(kind, async () => {
    const database = await freshDatabase(inject(`${kind}Url`), 'executor')
    const executor = chooseDialect(database.url)?.connect(database.url, options)
    if (executor === undefined) throw new Error('no dialect')
    const outside = await connectRaw(database.url)
    const postgres = kind === 'postgres'
    return {
      executor,
      createTable: 'CREATE TABLE numbers (n int)',
      insert: `INSERT INTO numbers VALUES (${postgres ? '$1' : '?'})`,
      select: 'SELECT n FROM numbers',
      async breakConnections() {
        const others = postgres
          ? await outside.query(
              'SELECT pid AS id FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
            )
          : await outside.query(
              'SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()',
            )
        for (const { id } of others)
          await outside.query(postgres ? `SELECT pg_terminate_backend(${id})` : `KILL ${id}`).catch(() => {})
      },
      async close() {
        await executor.close()
        await outside.end()
        await database.drop()
      },
    }
  })
}
