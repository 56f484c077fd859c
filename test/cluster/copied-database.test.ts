import { createCluster } from '@quiesce/core'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { nodeProcesses } from '../support/node-process.ts'

const processes = nodeProcesses()
let db: TestDatabase

beforeEach(async () => {
  db = await testDatabase('copied')
})
afterEach(async () => {
  await processes.endAll()
  await db.drop()
})

test('a copy of a frozen database is not held by the freeze of the original', async () => {
  const holder = processes.spawn({ url: db.url, guard: 'driver', cluster: fastOptions })
  await holder.call('freeze', { reason: 'x' })
  await holder.kill()
  const original = new URL(db.url).pathname.slice(1)
  const admin = new pg.Client({ connectionString: inject('postgresUrl') })
  await admin.connect()
  await eventually('nobody is connected to the original', async () => {
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [original])
    return (await admin.query('SELECT 1 FROM pg_stat_activity WHERE datname = $1', [original])).rowCount === 0
  })
  await admin.query(`CREATE DATABASE "${original}_copy" TEMPLATE "${original}"`)
  const url = new URL(db.url)
  url.pathname = `/${original}_copy`
  const node = createCluster({ database: url.href, ...fastOptions })
  const lost: string[] = []
  node.on('state-lost', ({ why }) => lost.push(why))
  await node.start()
  expect(lost[0]).toMatch(/database is/)
  expect(node.state.mode).toBe('read-write')
  expect((await node.history()).map(({ type }) => type)).toContain('state-adopted')
  await node.close()
  await admin.query(`DROP DATABASE "${original}_copy" WITH (FORCE)`)
  await admin.end()
})
