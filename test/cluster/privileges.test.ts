import { readFileSync } from 'node:fs'
import { createCluster } from '@quiesce/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'

/** The grants that the documentation names, for a role of the test's own. */
const documented =
  /<!-- grants: postgresql -->\n```sql\n([\s\S]*?)```/.exec(
    readFileSync(new URL('../../docs/postgresql.md', import.meta.url), 'utf8'),
  )?.[1] ?? ''

let db: TestDatabase
let role: string
let url: string

beforeEach(async () => {
  db = await testDatabase('privileges')
  role = `quiesce_app_${Math.random().toString(36).slice(2)}`
  await db.query(`CREATE ROLE ${role} LOGIN`)
  const own = new URL(db.url)
  own.username = role
  url = own.href
})
afterEach(async () => {
  await db.query(`DROP OWNED BY ${role}`)
  await db.drop()
})

const grant = (): Promise<unknown> => db.query(documented.replaceAll('TO app', `TO ${role}`))

test('the documented grants are enough for everything but migrate()', async () => {
  await grant()
  await using cluster = createCluster({ database: url, ...fastOptions })
  const failures: unknown[] = []
  cluster.on('warning', ({ error }) => error && failures.push(error))
  await cluster.start()
  const freeze = await cluster.freeze({ reason: 'x', expectedEnd: new Date() })
  await freeze.extend({ expectedEnd: new Date(Date.now() + 1000) })
  await freeze.assertHeld()
  await freeze.thaw()
  await cluster.withLock('a', () => cluster.withTransactionLock('b', () => cluster.releaseLocks({ own: true })))
  await db.query(
    `INSERT INTO quiesce.quiesce_node SELECT gen_random_uuid(), namespace, host, pid, application, library_version, protocol_version, policy_hash, started_at, heartbeat_at, heartbeat_ms, lease_ms, now() - interval '1 h' FROM quiesce.quiesce_node`,
  )
  await eventually('lost nodes are removed', async () => (await cluster.nodes()).length === 1, 15_000)
  expect((await cluster.members()).count).toBe(1)
  expect((await cluster.history()).map(({ type }) => type)).toContain('node-lost')
  // Every node looks for runs that have lost their holder, whoever makes them.
  await cluster.run({ name: 'r', reason: 'x', steps: [{ name: 's', run: () => {} }] })
  expect((await cluster.runs()).map(({ outcome }) => outcome)).toEqual(['done'])
  expect(failures).toEqual([])
})

test('each of them is needed, and its absence is told', async () => {
  for (const missing of [
    'USAGE ON SCHEMA quiesce',
    'UPDATE ON quiesce.quiesce_cluster',
    'SELECT ON quiesce.quiesce_freeze',
    'INSERT ON quiesce.quiesce_node',
    'INSERT ON quiesce.quiesce_event',
    'SELECT ON quiesce.quiesce_version',
  ]) {
    await grant()
    await db.query(`REVOKE ${missing} FROM ${role}`)
    await using cluster = createCluster({ database: url, ...fastOptions })
    const failure = cluster.freeze({ reason: 'x' }).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(await failure, missing).toMatchObject({
      kind: 'QUIESCE_DATABASE',
      message: expect.stringContaining('privilege'),
    })
  }
})
