import type { Cluster } from '@quiesce/core'
import { readOnlyHttp, readOnlyState } from '@quiesce/http/fastify'
import fastify, { type FastifyInstance } from 'fastify'
import type { DataSource } from 'typeorm'
import { type connectPrisma, orderEntity, viewEntity } from './databases.ts'

/** The application. The door lets `/legacy` and `/views` pass: what they may write, the guard decides. */
export async function createApp(
  cluster: Cluster,
  prisma: ReturnType<typeof connectPrisma>,
  db: DataSource,
): Promise<FastifyInstance> {
  const app = fastify()
  await app.register(readOnlyState(cluster))
  await app.register(readOnlyHttp(cluster, { allow: ['/legacy/*rest', '/imports', '/views'] }))
  app.get('/orders', async () => ({ orders: await prisma.order.count() }))
  app.post<{ Body: { item: string } }>('/orders', ({ body }) => prisma.order.create({ data: { item: body.item } }))
  app.post<{ Body: { item: string } }>('/imports', ({ body }) => prisma.order.create({ data: { item: body.item } }))
  app.post<{ Body: { item: string } }>('/legacy/orders', ({ body }) =>
    db.getRepository(orderEntity).save({ item: body.item }),
  )
  app.post('/views', () =>
    db
      .getRepository(viewEntity)
      .insert({ page: '/orders' })
      .then(() => ({ noted: true })),
  )
  return app
}
