import { type Cluster, createCluster, isReadOnlyError } from '@quiesce/core'
import { guardAdapter } from '@quiesce/prisma'
import { attachReadOnly } from '@quiesce/typeorm'
import * as typeorm from 'typeorm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { prismaSqlite } from '../prisma/sqlite/prisma-sqlite.ts'
import type { OpenDatabase } from '../prisma/support/prisma-database.ts'
import type { Client } from '../prisma/support/write-form.ts'

/** The connection that an ORM has opened, past every guard. */
interface Connection {
  prepare(sql: string): { run(): unknown; get(): unknown }
  pragma(text: string, options: { simple: true }): unknown
}

let database: OpenDatabase
let cluster: Cluster
let prisma: Client
let db: typeorm.DataSource
let connections: readonly Connection[]

beforeEach(async () => {
  database = await prismaSqlite.database.open()
  await database.tables.reset()
  cluster = createCluster({ database: database.url, belt: 'session' })
  await cluster.migrate()
  const factory = prismaSqlite.createAdapter(database.url, 1)
  let ofPrisma: object = {}
  const connect = factory.connect.bind(factory)
  factory.connect = async () => {
    const adapter = await connect()
    ofPrisma = adapter
    return adapter
  }
  prisma = prismaSqlite.createClient(guardAdapter(cluster, factory))
  db = new typeorm.DataSource({ type: 'better-sqlite3', database: database.url.replace('file:', '') })
  attachReadOnly(cluster, db)
  await db.initialize()
  await prisma.card.count()
  connections = [Reflect.get(db.driver, 'databaseConnection'), Reflect.get(ofPrisma, 'client')]
})
afterEach(async () => {
  await prisma.$disconnect()
  await db.destroy()
  await cluster.close()
  await database.drop()
})

const past = (sql: string): readonly unknown[] =>
  connections.map((connection) => {
    try {
      connection.prepare(sql).run()
      return 'passes'
    } catch (error) {
      return Reflect.get(Object(error), 'code')
    }
  })
const UPDATE = "UPDATE report_card SET name = 'past' WHERE id = 1"

test('while frozen the connections of both ORMs refuse what comes past the guards, and write again after the thaw (catches a connection that stays read-only)', async () => {
  const freeze = await cluster.freeze({ reason: 'belt' })
  const before = await database.tables.dump()
  expect(past(UPDATE)).toEqual(['SQLITE_READONLY', 'SQLITE_READONLY'])
  expect(past('PRAGMA user_version = 5')).toEqual(['SQLITE_READONLY', 'SQLITE_READONLY'])
  expect([await prisma.card.count(), (await db.query('SELECT * FROM report_card')).length]).toEqual([3, 3])
  await expect(db.query(UPDATE)).rejects.toSatisfy(isReadOnlyError)
  expect(await database.tables.dump()).toBe(before)
  await freeze.thaw()
  await prisma.card.update({ where: { id: 1 }, data: { name: 'by Prisma' } })
  await db.query("UPDATE report_card SET name = 'by TypeORM' WHERE id = 1")
  expect(past(UPDATE)).toEqual(['passes', 'passes'])
})

test('a transaction that wrote before the freeze finishes, and one that sees the thaw writes again (catches a switch in the middle)', async () => {
  await cluster.start()
  let freezing: Promise<{ thaw(): Promise<unknown> }> | undefined
  await db.transaction(async (manager) => {
    await manager.query("UPDATE report_card SET name = 'first' WHERE id = 1")
    freezing = cluster.freeze({ reason: 'belt' })
    await expect.poll(() => cluster.state.mode).toBe('draining')
    await manager.query("UPDATE report_card SET name = 'second' WHERE id = 1")
  })
  const freeze = await freezing
  await db.transaction(async (manager) => {
    expect(await manager.query('SELECT name FROM report_card WHERE id = 1')).toEqual([{ name: 'second' }])
    await freeze?.thaw()
    await manager.query("UPDATE report_card SET name = 'third' WHERE id = 1")
  })
  expect(await prisma.card.findUnique({ where: { id: 1 } })).toMatchObject({ name: 'third' })
})

test('exempt writes pass, alone and in a transaction, and reads are read-only in between', async () => {
  const freeze = await cluster.freeze({ reason: 'belt', exempt: { report_card: ['last_used_at', 'updated_at'] } })
  const queryOnly = (): unknown =>
    connections.map((connection) => Number(connection.pragma('query_only', { simple: true })))
  await prisma.card.count()
  await db.query('SELECT count(*) FROM report_card')
  expect(queryOnly()).toEqual([1, 1])
  await prisma.card.update({ where: { id: 1 }, data: { lastUsedAt: new Date() } })
  await db.transaction((manager) => manager.query('UPDATE report_card SET last_used_at = 1 WHERE id = 1'))
  await expect(db.query(UPDATE)).rejects.toSatisfy(isReadOnlyError)
  expect(queryOnly()).toEqual([0, 0])
  await freeze.thaw()
})
