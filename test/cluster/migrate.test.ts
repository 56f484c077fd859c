import { createCluster } from '@quiesce/core'
import { freshDatabase } from '@quiesce/test-servers'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { databases, fastOptions } from '../support/database.ts'
import { flavourOf } from '../support/flavour.ts'
import { nodeProcesses } from '../support/node-process.ts'
import { connectRaw, type RawConnection } from '../support/raw-connection.ts'

const processes = nodeProcesses()
let database: { url: string; drop(): Promise<void> }
let client: RawConnection

describe.each(databases)('on %s', (kind) => {
  const tablesLike = (pattern: string): string =>
    `SELECT count(*) AS tables FROM information_schema.tables WHERE table_name LIKE '${pattern}' AND table_schema IN (SELECT ${kind === 'postgres' ? "'quiesce'" : 'database()'})`
  const { table } = flavourOf(kind)

  beforeEach(async () => {
    database = await freshDatabase(inject(`${kind}Url`), 'migrate')
    client = await connectRaw(database.url)
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
    const [{ tables } = { tables: 0 }] = await client.query(tablesLike('quiesce\\_%'))
    expect(Number(tables)).toBe(9)
    const versions = `SELECT version FROM ${table('version')} ORDER BY version`
    expect(await client.query(versions)).toEqual([{ version: 1 }, { version: 2 }])
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
    await client.query(`DELETE FROM ${table('version')} WHERE version = 1`)
    await client.query(`UPDATE ${table('version')} SET version = 0`)
    expect(await start()).toMatchObject({
      kind: 'QUIESCE_SCHEMA',
      data: { found: 0, known: 2 },
      message: expect.stringContaining('migrate()'),
    })
    await client.query(`UPDATE ${table('version')} SET version = 99`)
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

  test('version 1 is brought to version 2 with what it holds, from several processes at once', async () => {
    const cluster = createCluster({ database: database.url, ...fastOptions })
    const other = createCluster({ database: database.url, ...fastOptions })
    await cluster.migrate()
    await cluster.start()
    const { id } = await cluster.freeze({ reason: 'old', kind: 'operator', owner: 'ann', fence: 'off' })
    // As version 1 had it.
    await client.query(`DROP TABLE ${table('run')}`)
    await client.query(`DROP TABLE ${table('run_token')}`)
    await client.query(`ALTER TABLE ${table('freeze')} DROP COLUMN takeover_ms`)
    await client.query(`DELETE FROM ${table('version')} WHERE version = 2`)
    await expect(other.start()).rejects.toMatchObject({ kind: 'QUIESCE_SCHEMA', data: { found: 1, known: 2 } })
    await Promise.all([other.migrate(), cluster.migrate()])
    await other.start()
    expect(other.state.freezes).toMatchObject([{ id, reason: 'old' }])
    expect(await other.runs()).toEqual([])
    await other.thaw(id, { owner: 'ann' })
    await Promise.all([cluster.close(), other.close()])
  })

  if (kind === 'postgres') {
    test('schema and prefix with quotes and capitals are taken literally', async () => {
      const cluster = createCluster({ database: database.url, schema: `Ops "live"`, tablePrefix: `it's_` })
      await cluster.migrate()
      await cluster.migrate()
      await cluster.start()
      const freeze = await cluster.freeze({ reason: `it's "quoted"`, awaitServer: false })
      await freeze.thaw()
      await cluster.close()
      const tables = await client.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'Ops "live"'`)
      expect(tables).toHaveLength(9)
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
  }
})
