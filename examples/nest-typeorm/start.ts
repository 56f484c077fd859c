import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import type { Cluster } from '@quiesce/core'
import type { StartExample } from '@quiesce/example-tour'
import { readOnlyState } from '@quiesce/http/express'
import { QUIESCE_CLUSTER } from '@quiesce/http/nest'
import { DataSource } from 'typeorm'
import { appModule } from './app-module.ts'

/** Starts the application on a free port. */
export const start: StartExample = async (databaseUrl) => {
  const app = await NestFactory.create(appModule(databaseUrl), { logger: ['error', 'warn'], abortOnError: false })
  const cluster = app.get<Cluster>(QUIESCE_CLUSTER)
  app.use(readOnlyState(cluster))
  await app.listen(0, '127.0.0.1')
  return {
    url: await app.getUrl(),
    cluster,
    async close() {
      app.getHttpServer().closeAllConnections()
      await app.get(DataSource).destroy()
      await app.close()
      await cluster.close()
    },
  }
}

export const requests = {
  writes: ['POST /orders', 'POST /import'],
  reads: 'GET /orders',
  allowed: 'POST /login',
} as const
