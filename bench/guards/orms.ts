import type { Cluster } from '@quiesce/core'
import { bareClient, guardedClient, prismaOperations } from './prisma-clients.ts'
import { openDataSource, typeormOperations } from './typeorm-sources.ts'

export type Operations = Readonly<Record<string, () => Promise<unknown>>>

/** An ORM that has connected to a database. */
export interface Opened {
  readonly operations: Operations
  query(sql: string): Promise<unknown>
  close(): Promise<void>
}

/** How each ORM is opened, bare or guarded. */
export const openers: Readonly<Record<string, (url: string, cluster: Cluster | undefined) => Promise<Opened>>> = {
  Prisma: async (url, cluster) => {
    const client = cluster === undefined ? await bareClient(url) : await guardedClient(url, cluster)
    return {
      operations: prismaOperations(client),
      query: (sql) => client.$queryRawUnsafe(sql),
      close: () => client.$disconnect(),
    }
  },
  TypeORM: async (url, cluster) => {
    const dataSource = await openDataSource(url, cluster)
    return {
      operations: typeormOperations(dataSource),
      query: (sql) => dataSource.query(sql),
      close: () => dataSource.destroy(),
    }
  },
}
