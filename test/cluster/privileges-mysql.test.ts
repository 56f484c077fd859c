import { createCluster } from '@quiesce/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeOn, fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'
import { documentedGrants } from '../support/documented-grants.ts'

describeOn('mysql', 'mariadb')('on %s', (kind) => {
  let db: TestDatabase
  let account: string
  let url: string

  beforeEach(async () => {
    db = await testDatabase('privileges', kind)
    const user = `app_${Math.random().toString(36).slice(2, 10)}`
    account = `'${user}'@'%'`
    await db.query(`CREATE USER ${account} IDENTIFIED BY 'secret'`)
    const own = new URL(db.url)
    own.username = user
    own.password = 'secret'
    url = own.href
  })
  afterEach(async () => {
    await db.query(`DROP USER ${account}`)
    await db.drop()
  })

  const grant = async (name: string): Promise<void> => {
    const database = new URL(db.url).pathname.slice(1)
    for (const line of documentedGrants('mysql.md', name))
      await db.query(line.replaceAll('shop.', `${database}.`).replace('TO app', `TO ${account}`))
  }

  test('the documented grants are enough for everything but migrate(), and without the right to look a freeze says so', async () => {
    await grant('mysql')
    const cluster = createCluster({ database: url, ...fastOptions })
    const failures: unknown[] = []
    cluster.on('warning', ({ error }) => error && failures.push(error))
    await cluster.start()
    const freeze = await cluster.freeze({ reason: 'x', expectedEnd: new Date() })
    expect(freeze.serverDrained).toBe(false)
    await freeze.extend({ expectedEnd: new Date(Date.now() + 1000) })
    await freeze.assertHeld()
    await freeze.thaw()
    await cluster.withLock('a', () => cluster.withTransactionLock('b', () => cluster.releaseLocks({ own: true })))
    expect((await cluster.members()).count).toBe(1)
    await cluster.run({ name: 'r', reason: 'x', steps: [{ name: 's', run: () => {} }] })
    expect((await cluster.runs()).map(({ outcome }) => outcome)).toEqual(['done'])
    expect(failures).toEqual([])
    await grant(`${kind}-server`)
    const next = createCluster({ database: url, ...fastOptions })
    const seeing = await next.freeze({ reason: 'y' })
    expect(seeing.serverDrained).toBe(true)
    await seeing.thaw()
    await Promise.all([cluster.close(), next.close()])
  })

  test('the absence of one of them is told', async () => {
    await grant('mysql')
    await db.query(`REVOKE UPDATE ON quiesce_cluster FROM ${account}`)
    const cluster = createCluster({ database: url, ...fastOptions })
    await expect(cluster.freeze({ reason: 'x' })).rejects.toMatchObject({
      kind: 'QUIESCE_DATABASE',
      message: expect.stringContaining('privilege'),
    })
    await cluster.close()
  })
})
