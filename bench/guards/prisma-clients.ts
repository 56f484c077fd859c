import { PrismaPg } from '@prisma/adapter-pg'
import type { Cluster } from '@quiesce/core'
import { guardAdapter, readOnlyMode } from '@quiesce/prisma'
import { PrismaClient } from '../../test/prisma/generated/client.ts'

/** Opens a client as it is without Quiesce. */
export async function bareClient(url: string): Promise<PrismaClient> {
  const client = new PrismaClient({ adapter: adapterOf(url) })
  await client.$connect()
  return client
}

/** Opens a client as the README makes it. */
export async function guardedClient(url: string, cluster: Cluster): Promise<PrismaClient> {
  const client = new PrismaClient({ adapter: guardAdapter(cluster, adapterOf(url)) })
  await client.$connect()
  // An extended client has the same models; the benchmarks use nothing else of it.
  return client.$extends(readOnlyMode(cluster)) as unknown as PrismaClient
}

/** The operations that are compared. */
export function prismaOperations(client: PrismaClient): Readonly<Record<string, () => Promise<unknown>>> {
  let serial = 0
  return {
    findFirst: () => client.card.findFirst({ where: { id: 1 } }),
    update: () => client.card.update({ where: { id: 1 }, data: { viewCount: ++serial } }),
    insert: () => client.viewLog.create({ data: { model: 'card', modelId: ++serial } }),
    transaction: () =>
      client.$transaction(async (tx) => {
        await tx.card.findFirst({ where: { id: 2 } })
        await tx.card.update({ where: { id: 2 }, data: { viewCount: ++serial } })
      }),
  }
}

function adapterOf(connectionString: string): PrismaPg {
  return new PrismaPg({ connectionString, max: 2 })
}
