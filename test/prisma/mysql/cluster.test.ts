import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { type Cluster, createCluster, isReadOnlyError } from '@quiesce/core'
import { guardAdapter, readOnlyMode, type SqlDriverAdapterFactoryLike } from '@quiesce/prisma'
import { type DatabaseName, wantedDatabases } from '@quiesce/test-servers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OpenDatabase } from '../support/prisma-database.ts'
import type { Client } from '../support/write-form.ts'
import { mariadbUrl } from './mariadb-url.ts'
import { prismaMysql } from './prisma-mysql.ts'

const kinds = wantedDatabases().filter((kind): kind is Exclude<DatabaseName, 'postgres'> => kind !== 'postgres')

describe.each(kinds)('an application with Prisma on %s', (kind) => {
  const version = prismaMysql(kind)
  let database: OpenDatabase
  let cluster: Cluster
  let name: string

  beforeEach(async () => {
    database = await version.database.open()
    await database.tables.reset()
    name = new URL(database.url).pathname.slice(1)
    cluster = createCluster({
      database: database.url,
      exempt: { report_card: ['last_used_at', 'updated_at'] },
      defaultSchema: name,
    })
    await cluster.migrate()
  })
  afterEach(async () => {
    await cluster.close()
    await database.drop()
  })

  const using = async (factory: SqlDriverAdapterFactoryLike, use: (prisma: Client) => Promise<void>): Promise<void> => {
    const base = version.createClient(guardAdapter(cluster, factory))
    await use(base.$extends(readOnlyMode(cluster)) as unknown as Client).finally(() => base.$disconnect())
  }
  const rename = (client: Pick<Client, 'card'>, to: string): PromiseLike<unknown> =>
    client.card.update({ where: { id: 1 }, data: { name: to } })

  test('a freeze refuses its writes and a thaw gives them back', () =>
    using(version.createAdapter(database.url, 3), async (prisma) => {
      await rename(prisma, 'before')
      const freeze = await cluster.freeze({ reason: 'move' })
      await expect(rename(prisma, 'during')).rejects.toMatchObject({ freezeId: freeze.id, model: 'Card' })
      await prisma.card.update({ where: { id: 1 }, data: { lastUsedAt: new Date() } })
      expect(await prisma.card.findUnique({ where: { id: 1 } })).toMatchObject({ name: 'before' })
      await freeze.thaw()
      await expect.poll(() => cluster.state.mode).toBe('read-write')
      await rename(prisma, 'after')
    }))

  test('what is exempt stays so when Prisma names the database before each table', () =>
    using(new PrismaMariaDb(mariadbUrl(database.url, 3), { database: name }), async (prisma) => {
      const freeze = await cluster.freeze({ reason: 'move' })
      await prisma.card.update({ where: { id: 1 }, data: { lastUsedAt: new Date() } })
      await expect(rename(prisma, 'during')).rejects.toMatchObject({ model: 'Card', fields: ['name'] })
      const raw = prisma.$executeRawUnsafe(`UPDATE ${name}.report_card SET name = 'x'`)
      await expect(raw).rejects.toMatchObject({ table: 'report_card', columns: ['name'] })
      await freeze.thaw()
    }))

  test.runIf(kind === 'mariadb')('statements are read as the server reads them, whatever the URL says', () =>
    using(version.createAdapter(database.url, 1), async (prisma) => {
      expect(database.url).toMatch(/^mysql:/)
      const freeze = await cluster.freeze({ reason: 'move' })
      // Only MariaDB executes this comment.
      const hidden = prisma.$executeRawUnsafe('/*M!100100 DELETE FROM setting */')
      await expect(hidden).rejects.toSatisfy(isReadOnlyError)
      await freeze.thaw()
    }),
  )
})
