import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Cluster, type ClusterOptions, createCluster } from '@quiesce/core'
import { gateOf } from '@quiesce/core/adapter'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { fastOptions, insertEntry } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { type SqliteTestDatabase, sqliteDatabase } from './support/sqlite-database.ts'

let db: SqliteTestDatabase
beforeEach(async () => {
  db = await sqliteDatabase()
})
afterEach(() => db.drop())

/** The message with which a second node is refused: both have found the same coordination. */
const meets = async (first: Cluster, database: ClusterOptions['database']): Promise<void> => {
  await first.start()
  await using second = createCluster({ database, ...fastOptions })
  await expect(second.start()).rejects.toMatchObject({ message: expect.stringContaining('another cluster object') })
}
const configError = (database: unknown, options: object = {}): unknown => {
  try {
    createCluster({ database: database as string, ...options })
    return undefined
  } catch (error) {
    return error
  }
}

describe('a database', () => {
  test.each([
    (file: string) => `file:${file}`,
    (file: string) => `file://${file}`,
    (file: string) => `sqlite:${file}?connection_limit=1`,
    (file: string) => `sqlite://${file}`,
    (file: string) => `file:${join(file, '../x/../app.db')}`,
  ])('is found by any way to write its URL (%#)', async (url) => {
    await meets(db.cluster(), url(db.file))
  })

  test('is found relative to the working directory', async () => {
    const before = process.cwd()
    process.chdir(db.directory)
    try {
      await meets(db.cluster(), 'file:./app.db')
    } finally {
      process.chdir(before)
    }
  })

  test('is found through a symbolic link', async () => {
    mkdirSync(join(db.directory, 'linked'))
    symlinkSync(db.file, join(db.directory, 'linked/app.db'))
    await meets(db.cluster(), `file:${join(db.directory, 'linked/app.db')}`)
  })

  test('is found by a Database object, whose connection and settings are left alone', async () => {
    const database = new Database(db.file, { timeout: 1234 })
    const settings = (): unknown =>
      ['busy_timeout', 'journal_mode', 'foreign_keys'].map((name) => database.pragma(name))
    const before = settings()
    await meets(db.cluster(), database)
    database.exec('BEGIN IMMEDIATE')
    const cluster = db.cluster({ database, namespace: 'other' })
    const freeze = await cluster.freeze({ reason: 'move' })
    await freeze.thaw()
    await cluster.close()
    expect(database.inTransaction).toBe(true)
    expect(settings()).toEqual(before)
    expect(database.prepare('SELECT name FROM sqlite_master').pluck().all()).toEqual(['entry', expect.anything()])
    database.close()
  })

  test('in memory is coordinated through its Database object', async () => {
    const database = new Database(':memory:')
    await using cluster = createCluster({ database, ...fastOptions })
    await expect(cluster.start()).rejects.toMatchObject({ kind: 'QUIESCE_SCHEMA' })
    await cluster.migrate()
    await meets(cluster, database)
    const freeze = await cluster.freeze({ reason: 'move' })
    expect(() => gateOf(cluster).admit(insertEntry())).toThrow('read-only')
    await freeze.thaw()
    expect(database.prepare('SELECT * FROM sqlite_master').all()).toEqual([])
  })

  test.each([':memory:', 'sqlite::memory:', 'file::memory:', 'file:x?mode=memory&cache=shared', 'file:'])(
    'that is only the URL %s of one in memory is refused',
    (url) => {
      expect(configError(url)).toMatchObject({ kind: 'QUIESCE_CONFIG' })
    },
  )

  test('of better-sqlite3 fits the type of the option', () => {
    expectTypeOf<Database.Database>().toExtend<ClusterOptions['database']>()
  })

  test('has no schema for the coordination tables', () => {
    expect(configError(db.url, { schema: 'quiesce' })).toMatchObject({
      kind: 'QUIESCE_CONFIG',
      message: expect.stringContaining('schema must be left out'),
    })
  })

  test('in a directory that is not there is named', async () => {
    await using cluster = createCluster({ database: `file:${db.directory}/absent/app.db` })
    await expect(cluster.migrate()).rejects.toMatchObject({
      kind: 'QUIESCE_DATABASE',
      message: expect.stringContaining('absent/app.db'),
    })
    await expect(cluster.start()).rejects.toMatchObject({ kind: 'QUIESCE_SCHEMA' })
  })
})

describe('a file that was exchanged', () => {
  const shutsAndRecovers = async (exchange: () => void): Promise<void> => {
    const cluster = db.cluster()
    await cluster.start()
    const operator = await cluster.freeze({ reason: 'keep', kind: 'operator' })
    const machine = await cluster.freeze({ reason: 'end' })
    const lost: string[] = []
    cluster.on('state-lost', ({ why }) => lost.push(why))
    exchange()
    await eventually('it is noticed', () => lost.length > 0, 1000)
    await eventually('it is adopted', () => cluster.state.freezes.length === 1, 5000)
    expect(cluster.state.freezes).toMatchObject([{ id: operator.id }])
    await expect(machine.assertHeld()).rejects.toMatchObject({ kind: 'QUIESCE_FREEZE_ENDED' })
    await operator.thaw()
  }

  test('for a backup of the database shuts the gate; an operator’s freeze stays, a machine’s ends', async () => {
    await shutsAndRecovers(() => {
      copyFileSync(db.file, `${db.file}.backup`)
      renameSync(`${db.file}.backup`, db.file)
    })
  })

  test('for a copy of the coordination file is noticed too', async () => {
    await shutsAndRecovers(() => {
      copyFileSync(`${db.file}-quiesce`, `${db.file}-copy`)
      renameSync(`${db.file}-copy`, `${db.file}-quiesce`)
    })
  })

  test('for nothing closes the gate when the lease is over', async () => {
    const cluster = db.cluster()
    await cluster.start()
    rmSync(`${db.file}-quiesce`)
    await eventually('it is shut', () => cluster.state.mode === 'read-only', 2 * fastOptions.nodeLeaseMs)
    expect(() => gateOf(cluster).admit(insertEntry())).toThrow('read-only')
  })
})

test('a Quartz cluster’s schedulers are read from the database itself', async () => {
  const cluster = db.cluster({ detect: { quartz: {}, applications: ['x'] } })
  await cluster.start()
  expect(await cluster.members()).toMatchObject({ count: 1, sessions: 0, quartz: { alive: [], stale: [] } })
  db.plain.exec(
    `CREATE TABLE qrtz_scheduler_state (instance_name TEXT, last_checkin_time INTEGER, checkin_interval INTEGER)`,
  )
  const insert = db.plain.prepare('INSERT INTO qrtz_scheduler_state VALUES (?, ?, 1000)')
  insert.run('alive', Date.now())
  insert.run('stale', Date.now() - 60_000)
  const { quartz } = await cluster.members()
  expect(quartz).toMatchObject({ alive: [{ instance: 'alive' }], stale: [{ instance: 'stale' }] })
})
