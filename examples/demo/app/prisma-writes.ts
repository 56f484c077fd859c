import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'
import type { Cluster } from '@quiesce/core'
import { guardAdapter, readOnlyMode } from '@quiesce/prisma'
import { PrismaClient } from '../prisma/generated/client.ts'
import { PrismaClient as PrismaMysqlClient } from '../prisma/mysql/generated/client.ts'
import type { Writes } from './writes.ts'

/** The load through Prisma. */
export function prismaWrites(cluster: Cluster, url: string): Writes {
  return writesOf(url.startsWith('postgres') ? onPostgres(cluster, url) : onMysql(cluster, url))
}

type DemoClient = ReturnType<typeof onPostgres>

function onPostgres(cluster: Cluster, connectionString: string) {
  const adapter = guardAdapter(cluster, new PrismaPg({ connectionString }))
  return new PrismaClient({ adapter }).$extends(readOnlyMode(cluster))
}

function onMysql(cluster: Cluster, url: string): DemoClient {
  // The driver knows MySQL by the scheme of its sister.
  const adapter = guardAdapter(cluster, new PrismaMariaDb(url.replace(/^mysql:/, 'mariadb:')))
  // Both clients have the same models; only the database behind them differs.
  return new PrismaMysqlClient({ adapter }).$extends(readOnlyMode(cluster)) as unknown as DemoClient
}

function writesOf(prisma: DemoClient): Writes {
  return {
    async createCard(id) {
      await prisma.card.create({ data: { id, name: `card ${id}`, collection: { create: { id, name: 'by prisma' } } } })
    },
    async renameCard(id, name) {
      await prisma.card.updateMany({ where: { id }, data: { name } })
    },
    async touchCard(id) {
      await prisma.card.updateMany({ where: { id }, data: { lastUsedAt: new Date() } })
    },
    async logIn(id) {
      await prisma.$transaction([
        prisma.session.create({ data: { id } }),
        prisma.auditLog.create({ data: { topic: 'login' } }),
      ])
    },
    countCards: () => prisma.card.count(),
    close: () => prisma.$disconnect(),
  }
}
