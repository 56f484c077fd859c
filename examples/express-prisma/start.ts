import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { StartExample } from '@quiesce/example-tour'
import { createApp } from './app.ts'
import { connect, createTables } from './database.ts'
import { createShopCluster } from './quiesce.ts'

/** Starts the application on a free port. */
export const start: StartExample = async (databaseUrl) => {
  const cluster = createShopCluster(databaseUrl)
  await cluster.migrate()
  await cluster.start()
  const prisma = connect(cluster, databaseUrl)
  await createTables(prisma)
  const server = createApp(cluster, prisma).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cluster,
    async close() {
      server.closeAllConnections()
      server.close()
      await prisma.$disconnect()
      await cluster.close()
    },
  }
}

export const requests = {
  writes: ['POST /orders', 'POST /import'],
  reads: 'GET /orders',
  allowed: 'POST /login',
} as const
