import { type Cluster, createCluster, isReadOnlyError } from '@quiesce/core'
import { guardAdapter, readOnlyMode } from '@quiesce/prisma'
import { attachReadOnly } from '@quiesce/typeorm'
import * as typeorm from 'typeorm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { prismaSqlite } from '../prisma/sqlite/prisma-sqlite.ts'
import type { OpenDatabase } from '../prisma/support/prisma-database.ts'
import type { Client } from '../prisma/support/write-form.ts'

let database: OpenDatabase
let cluster: Cluster
let base: Client
let prisma: Client
let db: typeorm.DataSource

beforeEach(async () => {
  database = await prismaSqlite.database.open()
  await database.tables.reset()
  cluster = createCluster({ database: database.url, exempt: { report_card: ['last_used_at', 'updated_at'] } })
  await cluster.migrate()
  base = prismaSqlite.createClient(guardAdapter(cluster, prismaSqlite.createAdapter(database.url, 1)))
  prisma = base.$extends(readOnlyMode(cluster)) as unknown as Client
  db = new typeorm.DataSource({ type: 'better-sqlite3', database: database.url.replace('file:', '') })
  attachReadOnly(cluster, db)
  await db.initialize()
})
afterEach(async () => {
  await base.$disconnect()
  await db.destroy()
  await cluster.close()
  await database.drop()
})

const rename = (client: Pick<Client, 'card'>, name: string): PromiseLike<unknown> =>
  client.card.update({ where: { id: 1 }, data: { name } })
const renameBySql = (name: string): Promise<unknown> => db.query('UPDATE report_card SET name = ? WHERE id = 1', [name])

test('a freeze refuses the writes of both ORMs on one file, lets exempt ones pass, and a thaw gives them back', async () => {
  await rename(prisma, 'by Prisma')
  await renameBySql('by TypeORM')
  const freeze = await cluster.freeze({ reason: 'move', exempt: { core_session: true } })
  expect(freeze.guarantee).toBe('local')
  const before = await database.tables.dump()
  await expect(rename(base, 'x')).rejects.toSatisfy(isReadOnlyError)
  await expect(rename(prisma, 'x')).rejects.toMatchObject({ freezeId: freeze.id, model: 'Card', fields: ['name'] })
  await expect(renameBySql('x')).rejects.toMatchObject({ freezeId: freeze.id, columns: ['name'] })
  await expect(db.transaction((manager) => manager.query('DELETE FROM setting'))).rejects.toSatisfy(isReadOnlyError)
  expect(await database.tables.dump()).toBe(before)
  expect(await database.tables.idleInTransaction()).toBe(0)
  expect(await prisma.card.count()).toBe(3)
  await prisma.card.update({ where: { id: 1 }, data: { lastUsedAt: new Date() } })
  await db.query(`INSERT INTO core_session (id, user_id) VALUES ('s2', 1)`)
  await freeze.thaw()
  await rename(prisma, 'by Prisma again')
  await renameBySql('by TypeORM again')
  expect(await prisma.card.findUnique({ where: { id: 1 } })).toMatchObject({ name: 'by TypeORM again' })
})

test('a freeze waits for the transactions of both that have written', async () => {
  await cluster.start()
  const order: string[] = []
  let freezing: Promise<unknown> | undefined
  await prisma.$transaction(async (tx) => {
    await rename(tx, 'first')
    freezing = cluster.freeze({ reason: 'move' }).then((freeze) => {
      order.push('frozen')
      return freeze.thaw()
    })
    await expect.poll(() => cluster.state.mode).toBe('draining')
    await rename(tx, 'second')
  })
  order.push('committed')
  await freezing
  await db.transaction(async (manager) => {
    await manager.query(`DELETE FROM setting`)
    freezing = cluster.freeze({ reason: 'move' }).then(() => order.push('frozen'))
    await expect.poll(() => cluster.state.mode).toBe('draining')
  })
  order.push('committed')
  await freezing
  expect(order).toEqual(['committed', 'frozen', 'committed', 'frozen'])
})
