import { createCluster } from '@quiesce/core'
import { freshDatabase } from '@quiesce/test-servers'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { fastOptions } from '../support/database.ts'
import { nodeProcesses } from '../support/node-process.ts'

const processes = nodeProcesses()
let database: { url: string; drop(): Promise<void> }
let client: pg.Client

beforeEach(async () => {
  database = await freshDatabase(inject('postgresUrl'), 'migrate')
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})
afterEach(async () => {
  await processes.endAll()
  await client.end()
  await database.drop()
})

test('ten processes migrate an empty database at once (catches CREATE … IF NOT EXISTS without a lock)', async () => {
  const nodes = Array.from({ length: 10 }, () =>
    processes.spawn({ url: database.url, guard: 'driver', cluster: fastOptions }),
  )
  await Promise.all(nodes.map((node) => node.call('migrate')))
  const { rows } = await client.query(
    `SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname = 'quiesce' AND tablename LIKE 'quiesce\\_%'`,
  )
  expect(rows).toEqual([{ tables: 7 }])
  expect((await client.query('SELECT version FROM quiesce.quiesce_version')).rows).toEqual([{ version: 1 }])
  expect((await nodes[0]?.call('start'))?.mode).toBe('read-write')
}, 60_000)

test('missing, older and newer tables are told apart, with what to do', async () => {
  const start = async (): Promise<unknown> => {
    const cluster = createCluster({ database: database.url })
    return cluster
      .start()
      .catch((error: unknown) => error)
      .finally(() => cluster.close())
  }
  expect(await start()).toMatchObject({ kind: 'QUIESCE_SCHEMA', message: expect.stringContaining('missing') })
  const migrating = createCluster({ database: database.url })
  await migrating.migrate()
  await client.query('UPDATE quiesce.quiesce_version SET version = 0')
  expect(await start()).toMatchObject({
    kind: 'QUIESCE_SCHEMA',
    data: { found: 0, known: 1 },
    message: expect.stringContaining('migrate()'),
  })
  await client.query('UPDATE quiesce.quiesce_version SET version = 99')
  expect(await start()).toMatchObject({
    kind: 'QUIESCE_SCHEMA',
    data: { found: 99 },
    message: expect.stringContaining('Update @quiesce/core'),
  })
  await expect(migrating.migrate()).rejects.toMatchObject({
    kind: 'QUIESCE_SCHEMA',
    message: expect.stringContaining('99'),
  })
  await migrating.close()
})

test('schema and prefix with quotes and capitals are taken literally', async () => {
  const cluster = createCluster({ database: database.url, schema: `Ops "live"`, tablePrefix: `it's_` })
  await cluster.migrate()
  await cluster.migrate()
  await cluster.start()
  const freeze = await cluster.freeze({ reason: `it's "quoted"`, awaitServer: false })
  await freeze.thaw()
  await cluster.close()
  const { rows } = await client.query(`SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname = 'Ops "live"'`)
  expect(rows).toEqual([{ tables: 7 }])
})

test('a role that may not create the schema is told so', async () => {
  await client.query(`DROP ROLE IF EXISTS quiesce_nobody`)
  await client.query(`CREATE ROLE quiesce_nobody LOGIN`)
  const url = new URL(database.url)
  url.username = 'quiesce_nobody'
  const cluster = createCluster({ database: url.href })
  await expect(cluster.migrate()).rejects.toMatchObject({
    kind: 'QUIESCE_DATABASE',
    message: expect.stringContaining('privilege'),
  })
  await cluster.close()
})
