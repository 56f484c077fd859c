import type { StartExample } from '@quiesce/example-tour'
import { createApp } from './app.ts'
import { connectPrisma, connectTypeorm } from './databases.ts'
import { createShopCluster } from './quiesce.ts'

/** Starts the application on a free port. */
export const start: StartExample = async (databaseUrl) => {
  const cluster = createShopCluster(databaseUrl)
  await cluster.migrate()
  await cluster.start()
  const db = await connectTypeorm(cluster, databaseUrl)
  const prisma = connectPrisma(cluster, databaseUrl)
  const app = await createApp(cluster, prisma, db)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    cluster,
    async close() {
      app.server.closeAllConnections()
      await app.close()
      await prisma.$disconnect()
      await db.destroy()
      await cluster.close()
    },
  }
}

export const requests = {
  writes: ['POST /orders', 'POST /imports', 'POST /legacy/orders'],
  reads: 'GET /orders',
  allowed: 'POST /views',
} as const
