import { expect, test } from 'vitest'
import { createPostgresStore } from '../../src/dialects/postgres/store.ts'
import type { SqlExecutor } from '../../src/domain/executor.ts'

/** A server that only tells its version. */
function serverOf(major: number): SqlExecutor {
  return {
    execute: async (sql) => ({ rows: sql.includes('server_version_num') ? [{ major }] : [], rowCount: 0 }),
    transaction: () => Promise.reject(new Error('not asked')),
    close: async () => {},
  }
}

test('a server that is too old is refused before anything is created, with what is needed', async () => {
  const location = { schema: 'quiesce', tablePrefix: 'quiesce_' }
  const store = createPostgresStore(serverOf(12), { namespace: 'x', location, synchronousCommit: 'on' })
  const refusal = {
    kind: 'QUIESCE_DATABASE',
    message: expect.stringContaining('PostgreSQL 13 or later'),
    data: { version: '12' },
  }
  await expect(store.migrate()).rejects.toMatchObject(refusal)
  await expect(store.schemaVersion()).rejects.toMatchObject(refusal)
  const recent = createPostgresStore(serverOf(13), { namespace: 'x', location, synchronousCommit: 'on' })
  expect(await recent.schemaVersion()).toMatchObject({ found: undefined })
})
