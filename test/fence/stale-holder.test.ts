import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { chooseDialect } from '../../packages/core/src/dialects/choose-dialect.ts'
import type { SqlExecutor } from '../../packages/core/src/domain/executor.ts'
import type { FenceBackend } from '../../packages/core/src/domain/fence.ts'
import { shortFreezeId } from '../../packages/core/src/domain/fence-mark.ts'
import { databases, insertEntry, type TestDatabase, testDatabase } from '../support/database.ts'

describe.each(databases)('on %s a holder that slept while another took its freeze over', (kind) => {
  let db: TestDatabase
  let executor: SqlExecutor
  let backend: FenceBackend

  beforeEach(async () => {
    db = await testDatabase('stale', kind)
    const dialect = chooseDialect(db.url)
    if (dialect?.createFence === undefined) throw new TypeError('no fence here')
    const connection = { applicationName: 'sleeper', connectionTimeoutMs: 5000, statementTimeoutMs: 5000, poolSize: 2 }
    executor = dialect.connect(db.url, connection)
    const location = { schema: dialect.defaultCoordinationSchema, tablePrefix: 'quiesce_' }
    backend = dialect.createFence(executor, { namespace: 'default', location, synchronousCommit: 'on' })
  })
  afterEach(async () => {
    await executor.close()
    await db.drop()
  })

  test('cannot make its token good again (catches a rekey that asks nobody)', async () => {
    const holder = db.cluster({ freezeLeaseMs: 20_000 })
    const freeze = await holder.freeze({ reason: 'x', fence: 'required' })
    const [row] = await db.query(`SELECT nonce FROM ${db.flavour.table('freeze')}`)
    const nonce = String(row?.['nonce'])
    const tokenDigest = createHash('sha256').update('late').digest('hex')
    const mark = { scope: backend.scope, epoch: freeze.epoch, freeze: shortFreezeId(freeze.id) }
    const late = { ...mark, freezeId: freeze.id, reason: 'x', nonce, tokenDigest }
    await db.query(`UPDATE ${db.flavour.table('freeze')} SET nonce = 'another'`)
    await expect(backend.rekey(late)).rejects.toMatchObject({ kind: 'QUIESCE_FENCE' })
    const { show } = backend.present(['late'])
    const writing = executor.transaction(async (one) => {
      await one.execute(show.sql, show.parameters)
      await one.execute(insertEntry())
    })
    await expect(writing).rejects.toThrow(/quiesce fence/)
    await db.query(`UPDATE ${db.flavour.table('freeze')} SET nonce = '${nonce}'`)
    await backend.rekey(late)
    await executor.transaction(async (one) => {
      await one.execute(show.sql, show.parameters)
      await one.execute(insertEntry())
    })
  })
})
