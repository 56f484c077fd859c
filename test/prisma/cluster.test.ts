import { type Cluster, createCluster } from '@quiesce/core'
import { isReadOnlyError } from '@quiesce/core/adapter'
import { guardAdapter, readOnlyMode } from '@quiesce/prisma'
import { type FreshDatabase, freshDatabase } from '@quiesce/test-servers'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { prisma7 } from './support/prisma-7.ts'
import { createTables, type TestTables } from './support/tables.ts'
import type { Client } from './support/write-form.ts'

let database: FreshDatabase
let tables: TestTables
let cluster: Cluster
let base: Client
let prisma: Client

beforeEach(async () => {
  database = await freshDatabase(inject('postgresUrl'), 'prisma-cluster')
  tables = await createTables(database.url)
  await tables.reset()
  cluster = createCluster({
    database: database.url,
    namespace: 'shop',
    exempt: { report_card: ['last_used_at', 'updated_at'] },
  })
  await cluster.migrate()
  base = prisma7.createClient(guardAdapter(cluster, prisma7.createAdapter(database.url, 3)))
  prisma = base.$extends(readOnlyMode(cluster)) as unknown as Client
})

afterEach(async () => {
  await base.$disconnect()
  await cluster.close()
  await tables.close()
  await database.drop()
})

const rename = (client: Pick<Client, 'card'>, name: string): PromiseLike<unknown> =>
  client.card.update({ where: { id: 1 }, data: { name } })

test('a freeze refuses the writes of the application and a thaw gives them back', async () => {
  await rename(prisma, 'before')
  const freeze = await cluster.freeze({ reason: 'move to eu-2' })
  await expect(rename(base, 'during')).rejects.toSatisfy(isReadOnlyError)
  await expect(rename(prisma, 'during')).rejects.toMatchObject({
    freezeId: freeze.id,
    epoch: freeze.epoch,
    model: 'Card',
    fields: ['name'],
  })
  await prisma.card.update({ where: { id: 1 }, data: { lastUsedAt: new Date() } })
  expect(await prisma.card.findUnique({ where: { id: 1 } })).toMatchObject({ name: 'before' })
  await freeze.thaw()
  await expect.poll(() => cluster.state.mode).toBe('read-write')
  await rename(prisma, 'after')
  expect(await prisma.card.findUnique({ where: { id: 1 } })).toMatchObject({ name: 'after' })
})

test('the first write joins the cluster by itself and meets the freeze of another node', async () => {
  await using other = createCluster({ database: database.url, namespace: 'shop' })
  await other.start()
  await other.freeze({ reason: 'move to eu-2' })
  expect(cluster.state.mode).toBe('starting')
  expect(await prisma.card.count()).toBe(3)
  await expect(rename(prisma, 'during')).rejects.toSatisfy(isReadOnlyError)
  expect(cluster.state.mode).toBe('read-only')
})

test('a freeze waits for a transaction that has written', async () => {
  await cluster.start()
  const order: string[] = []
  let freezing: Promise<unknown> | undefined
  await prisma.$transaction(async (tx) => {
    await rename(tx, 'first')
    freezing = cluster.freeze({ reason: 'move to eu-2' }).then(() => order.push('frozen'))
    await expect.poll(() => cluster.state.mode).toBe('draining')
    await rename(tx, 'second')
  })
  order.push('committed')
  await freezing
  expect(order).toEqual(['committed', 'frozen'])
  expect(await base.card.findUnique({ where: { id: 1 } })).toMatchObject({ name: 'second' })
})

test('a transaction of a node that could not start leaves its connection clean (catches a ROLLBACK that waits for the start)', async () => {
  const unready = createCluster({ database: database.url, schema: 'missing' })
  const client = prisma7.createClient(guardAdapter(unready, prisma7.createAdapter(database.url, 1)))
  await expect(client.$transaction(async (tx) => rename(tx, 'never'))).rejects.toThrow(/coordination tables/)
  expect(await tables.idleInTransaction()).toBe(0)
  await client.$disconnect()
  await unready.close()
})
