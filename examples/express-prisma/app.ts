import type { Cluster } from '@quiesce/core'
import { readOnlyErrors, readOnlyHttp, readOnlyState } from '@quiesce/http/express'
import express, { type Express } from 'express'
import type { connect } from './database.ts'

/** The application. `/import` is let through the door, to show that what comes from Prisma is answered in the same way. */
export function createApp(cluster: Cluster, prisma: ReturnType<typeof connect>): Express {
  const options = { allow: ['/import', { path: '/login', writes: { session: true } }] } as const
  const app = express()
  app.use(readOnlyState(cluster))
  app.use(readOnlyHttp(cluster, options))
  app.use(express.json())
  app.get('/orders', async (_request, response) => {
    response.json({ orders: await prisma.order.count() })
  })
  app.post(['/orders', '/import'], async (request, response) => {
    response.status(201).json(await prisma.order.create({ data: { item: request.body.item } }))
  })
  app.post('/login', async (_request, response) => {
    response.status(201).json({ session: (await prisma.session.create({ data: {} })).id })
  })
  app.use(readOnlyErrors(cluster, options))
  return app
}
