import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '@quiesce/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Application } from '../apps/application.ts'
import { sqliteApplication } from '../apps/sqlite-application.ts'
import { fastOptions, insertEntry } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { type SqliteTestDatabase, sqliteDatabase } from './support/sqlite-database.ts'

let db: SqliteTestDatabase
let cluster: Cluster
let application: Application

beforeEach(async () => {
  db = await sqliteDatabase()
  cluster = db.cluster({ exempt: { session: true } })
  application = sqliteApplication(cluster, db.url)
  await cluster.start()
})
afterEach(async () => {
  await application.close()
  await db.drop()
})

const refused = { kind: 'QUIESCE_READ_ONLY' }
const isInMode = (mode: string) => () => cluster.state.mode === mode

test('a freeze is local: it says so, and what it does not cover', async () => {
  const freeze = await cluster.freeze({ reason: 'move' })
  expect(freeze).toMatchObject({ guarantee: 'local', serverDrained: false, lost: [], unregistered: 0 })
  expect(freeze.acks).toMatchObject([{ nodeId: cluster.state.nodeId }])
  await freeze.assertHeld()
  await expect(application.write(insertEntry())).rejects.toMatchObject(refused)
  await application.write('SELECT * FROM entry')
  expect(db.entries()).toBe(0)
  await freeze.thaw()
  await application.write(insertEntry())
  expect(db.entries()).toBe(1)
})

test('a transaction that holds the write lock longer than the node’s lease is drained, and the node stays alive (catches coordination in the file itself)', async () => {
  const transaction = await application.begin('READ COMMITTED')
  await transaction.write(insertEntry())
  await sleep(fastOptions.nodeLeaseMs + 200)
  expect(cluster.state.mode).toBe('read-write')
  let frozen = false
  const freezing = cluster.freeze({ reason: 'move' }).then((freeze) => {
    frozen = true
    return freeze
  })
  await eventually('the drain is on', isInMode('draining'))
  await sleep(fastOptions.freezeLeaseMs + 200)
  expect(frozen).toBe(false)
  await transaction.write(insertEntry())
  await transaction.commit()
  await (await freezing).thaw()
  expect(db.entries()).toBe(2)
})

test('a transaction that overstays the drain’s deadline can only be rolled back', async () => {
  const transaction = await application.begin('READ COMMITTED')
  await transaction.write(insertEntry())
  const freeze = await cluster.freeze({ reason: 'move', drainTimeoutMs: 200 })
  await expect(transaction.commit()).rejects.toMatchObject({ ...refused, because: 'drain-deadline' })
  expect(db.entries()).toBe(0)
  await freeze.thaw()
})

test('a COMMIT that a reader keeps from the file leaves its transaction in flight (catches one that commits after the freeze)', async () => {
  const impatient = sqliteApplication(cluster, db.url, { timeout: 0 })
  await impatient.write('BEGIN')
  await impatient.write(insertEntry())
  db.plain.exec('BEGIN; SELECT * FROM entry')
  const freezing = cluster.freeze({ reason: 'move', drainTimeoutMs: 400 })
  await eventually('the drain is on', isInMode('draining'))
  await expect(impatient.write('COMMIT')).rejects.toMatchObject({ code: 'SQLITE_BUSY' })
  expect(cluster.state.inFlight).toBe(1)
  db.plain.exec('COMMIT')
  await freezing
  await expect(impatient.write('COMMIT')).rejects.toMatchObject({ ...refused, because: 'drain-deadline' })
  await impatient.write('ROLLBACK')
  await impatient.close()
  expect(db.entries()).toBe(0)
})

test('exempt tables, of the cluster and of the freeze, may be written; columns of others may not', async () => {
  db.plain.exec('CREATE TABLE session (id INTEGER PRIMARY KEY, seen TEXT); CREATE TABLE card (id INTEGER, seen, name)')
  db.plain.exec(`INSERT INTO card VALUES (1, 'a', 'b')`)
  const freeze = await cluster.freeze({ reason: 'move', exempt: { card: ['seen'] } })
  await application.write(`INSERT INTO main.session (seen) VALUES ('x')`)
  await application.write(`UPDATE card SET seen = 'now'`)
  await expect(application.write(`UPDATE card SET seen = 'now', name = 'x'`)).rejects.toMatchObject({
    ...refused,
    columns: ['name'],
  })
  await expect(application.write(`INSERT OR REPLACE INTO card VALUES (1, 'a', 'x')`)).rejects.toMatchObject(refused)
  await expect(application.write('DROP TABLE session')).rejects.toMatchObject(refused)
  await expect(application.write('PRAGMA user_version = 9')).rejects.toMatchObject(refused)
  expect(db.plain.prepare('SELECT * FROM card').all()).toEqual([{ id: 1, seen: 'now', name: 'b' }])
  await freeze.thaw()
})

test('a coordination file that another program keeps locked is waited for without blocking the event loop', async () => {
  db.coordination.exec('BEGIN IMMEDIATE')
  const freezing = cluster.freeze({ reason: 'move' })
  let turns = 0
  for (const until = performance.now() + 300; performance.now() < until; turns += 1) await sleep(5)
  expect(turns).toBeGreaterThan(20)
  db.coordination.exec('COMMIT')
  await (await freezing).thaw()
  db.coordination.exec('BEGIN IMMEDIATE')
  await expect(cluster.freeze({ reason: 'move' })).rejects.toMatchObject({
    kind: 'QUIESCE_DATABASE',
    message: expect.stringContaining('stayed locked'),
  })
  db.coordination.exec('COMMIT')
})

test('a standing fence is refused with the reason, and nothing is changed', async () => {
  await expect(cluster.installFence()).rejects.toMatchObject({
    kind: 'QUIESCE_FENCE',
    message: expect.stringMatching(/not available on this database/),
  })
  expect(await cluster.fenceInstallation()).toEqual({ state: 'absent', tables: [] })
})
