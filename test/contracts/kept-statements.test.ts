import { type Pgbouncer, startPgbouncer } from '@quiesce/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresDialect } from '../../packages/core/src/dialects/postgres/postgres-dialect.ts'
import type { SqlExecutor } from '../../packages/core/src/domain/executor.ts'
import { databases, type TestDatabase, testDatabase } from '../support/database.ts'

const options = { applicationName: 'kept', connectionTimeoutMs: 5000, statementTimeoutMs: 3000, poolSize: 1 }
const kept = 'SELECT count(*)::integer AS n FROM pg_prepared_statements WHERE name LIKE $1'

describe.runIf(databases.includes('postgres'))('a statement that comes again and again', () => {
  let db: TestDatabase
  let pooler: Pgbouncer
  const opened: SqlExecutor[] = []
  const open = (url: string, ownSessions = true): Required<Pick<SqlExecutor, 'executeOften'>> & SqlExecutor => {
    const executor = postgresDialect.connect(url, { ...options, ownSessions })
    opened.push(executor)
    const { executeOften = executor.execute } = executor
    return { ...executor, executeOften }
  }
  const often = async ({ executeOften }: ReturnType<typeof open>): Promise<unknown> =>
    (await executeOften('SELECT * FROM numbers WHERE n = $1', ['7'])).rows

  beforeAll(async () => {
    db = await testDatabase('kept')
    pooler = await startPgbouncer(db.url, { poolMode: 'transaction' })
    await db.query('CREATE TABLE numbers (n integer)')
    await db.query('INSERT INTO numbers VALUES (7)')
  })
  afterAll(async () => {
    await Promise.all(opened.map((executor) => executor.close()))
    await pooler.stop()
    await db.drop()
  })

  test('is kept by the server (catches a plan that is made anew for each heartbeat)', async () => {
    const executor = open(db.url)
    for (let n = 0; n < 3; n += 1) expect(await often(executor)).toEqual([{ n: '7' }])
    expect((await executor.execute(kept, ['quiesce%'])).rows).toEqual([{ n: '1' }])
  })

  test('is sent in full once the server has thrown it away, or its tables have changed (catches a node that never beats again)', async () => {
    const [forgotten, changed] = [open(db.url), open(db.url)]
    for (const executor of [forgotten, changed]) expect(await often(executor)).toEqual([{ n: '7' }])
    await forgotten.execute('DEALLOCATE ALL')
    for (let n = 0; n < 2; n += 1) expect(await often(forgotten)).toEqual([{ n: '7' }])
    await db.query('ALTER TABLE numbers ADD COLUMN more text')
    for (let n = 0; n < 2; n += 1) expect(await often(changed)).toEqual([{ n: '7', more: null }])
    await db.query('ALTER TABLE numbers DROP COLUMN more')
  })

  test('gets through a pooler that gives each statement another session, and is not kept where nobody has sessions of his own', async () => {
    const many = Array.from({ length: 4 }, () => open(pooler.url))
    for (let round = 0; round < 5; round += 1)
      expect(await Promise.all(many.map(often))).toEqual(many.map(() => [{ n: '7' }]))
    const plain = open(db.url, false)
    expect(await often(plain)).toEqual([{ n: '7' }])
    expect((await plain.execute(kept, ['quiesce%'])).rows).toEqual([{ n: '0' }])
  })
})
