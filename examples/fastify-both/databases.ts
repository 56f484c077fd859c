import 'reflect-metadata'
import { PrismaPg } from '@prisma/adapter-pg'
import type { Cluster } from '@quiesce/core'
import { guardAdapter, readOnlyMode } from '@quiesce/prisma'
import { attachReadOnly } from '@quiesce/typeorm'
import { DataSource, EntitySchema } from 'typeorm'
import { PrismaClient } from './prisma/generated/client.ts'

/** New code: Prisma. */
export function connectPrisma(cluster: Cluster, connectionString: string) {
  const adapter = guardAdapter(cluster, new PrismaPg({ connectionString }))
  return new PrismaClient({ adapter }).$extends(readOnlyMode(cluster))
}

export const orderEntity = new EntitySchema<{ id: number; item: string }>({
  name: 'Order',
  tableName: 'shop_order',
  columns: { id: { type: 'int', primary: true, generated: true }, item: { type: 'text' } },
})

export const viewEntity = new EntitySchema<{ id: number; page: string }>({
  name: 'View',
  tableName: 'view_log',
  columns: { id: { type: 'int', primary: true, generated: true }, page: { type: 'text' } },
})

/** Older code: TypeORM, on the same tables. */
export async function connectTypeorm(cluster: Cluster, url: string): Promise<DataSource> {
  const db = new DataSource({ type: 'postgres', url, entities: [orderEntity, viewEntity], synchronize: true })
  attachReadOnly(cluster, db)
  return db.initialize()
}
