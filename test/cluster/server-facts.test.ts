import { createCluster } from '@quiesce/core'
import { gateOf } from '@quiesce/core/adapter'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeOn, fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'

describeOn('mysql', 'mariadb')('on %s', (kind) => {
  let db: TestDatabase
  beforeEach(async () => {
    db = await testDatabase('server-facts', kind)
  })
  afterEach(() => db.drop())

  test('the server decides which grammar is spoken, not the URL', async () => {
    const cluster = createCluster({ database: db.url.replace(/^\w+:/, 'mysql:'), ...fastOptions })
    const freeze = await cluster.freeze({ reason: 'x' })
    // MariaDB executes this comment, so its content is known there; elsewhere it is refused.
    const commented = () => gateOf(cluster).admit('SELECT 1 /*M! + 1 */')
    if (kind === 'mariadb') commented().end('answered')
    else expect(commented).toThrow(/a comment that some servers execute/)
    expect(() => gateOf(cluster).admit('SELECT 1 /*M! INTO OUTFILE "/tmp/x" */')).toThrow(/read-only/)
    await freeze.thaw()
    await cluster.close()
  })

  test('what weakens the promise on this server is told at start', async () => {
    const cluster = db.cluster()
    const warnings: string[] = []
    cluster.on('warning', ({ message }) => warnings.push(message))
    await db.query('SET GLOBAL innodb_flush_log_at_trx_commit = 2')
    await cluster.start()
    expect(warnings.join()).toMatch(/innodb_flush_log_at_trx_commit is 2: a crash of the server can lose a freeze/)
  })
})
