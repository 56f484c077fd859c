import { PrismaPg } from '@prisma/adapter-pg'
import type { Cluster } from '@quiesce/core'
import { guardAdapter, readOnlyMode } from '@quiesce/prisma'
import { PrismaClient } from '../prisma/generated/client.ts'
import type { Writes } from './writes.ts'

/** The load through Prisma. */
export function prismaWrites(cluster: Cluster, connectionString: string): Writes {
  const prisma = new PrismaClient({ adapter: guardAdapter(cluster, new PrismaPg({ connectionString })) }).$extends(
    readOnlyMode(cluster),
  )
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
