import 'reflect-metadata'
import { type Cluster, createCluster } from '@quiesce/core'
import { attachReadOnly } from '@quiesce/typeorm'
import { DataSource, EntitySchema } from 'typeorm'

/** Jobs may be queued while the cluster is read-only; taking one, and what it does, may not. */
export function createQueueCluster(database: string): Cluster {
  return createCluster({
    database,
    namespace: 'shop',
    application: 'queue-worker',
    exempt: { job: { insert: true } },
  })
}

export const jobEntity = new EntitySchema<{ id: number; item: string }>({
  name: 'Job',
  tableName: 'job',
  columns: { id: { type: 'int', primary: true, generated: true }, item: { type: 'text' } },
})

export const orderEntity = new EntitySchema<{ id: number; item: string }>({
  name: 'Order',
  tableName: 'shop_order',
  columns: { id: { type: 'int', primary: true }, item: { type: 'text' } },
})

/** Connects, and creates the tables as a migration would. */
export async function connect(cluster: Cluster, url: string): Promise<DataSource> {
  const db = new DataSource({ type: 'postgres', url, entities: [jobEntity, orderEntity], synchronize: true })
  attachReadOnly(cluster, db)
  return db.initialize()
}

/** Takes one job and does it, in one transaction: a refusal puts it back. False when there is none. */
export function doOneJob(db: DataSource): Promise<boolean> {
  return db.transaction(async (manager) => {
    const [job] = await manager.find(jobEntity, {
      order: { id: 'ASC' },
      take: 1,
      lock: { mode: 'pessimistic_write', onLocked: 'skip_locked' },
    })
    if (job === undefined) return false
    await manager.insert(orderEntity, { id: job.id, item: job.item })
    await manager.delete(jobEntity, { id: job.id })
    return true
  })
}
