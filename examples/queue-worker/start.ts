import type { Cluster } from '@quiesce/core'
import type { DataSource } from 'typeorm'
import { connect, createQueueCluster, doOneJob, jobEntity, orderEntity } from './queue.ts'
import { startWorker, type Worker } from './worker.ts'

/** A worker with its database. */
export interface QueueExample {
  readonly cluster: Cluster
  readonly worker: Worker
  enqueue(...items: readonly string[]): Promise<void>
  counts(): Promise<{ readonly queued: number; readonly done: number }>
  close(): Promise<void>
}

/** Starts a worker. */
export async function start(databaseUrl: string): Promise<QueueExample> {
  const cluster = createQueueCluster(databaseUrl)
  await cluster.migrate()
  await cluster.start()
  const db: DataSource = await connect(cluster, databaseUrl)
  const worker = startWorker(cluster, () => doOneJob(db))
  return {
    cluster,
    worker,
    async enqueue(...items) {
      await db.getRepository(jobEntity).insert(items.map((item) => ({ item })))
    },
    counts: async () => ({
      queued: await db.getRepository(jobEntity).count(),
      done: await db.getRepository(orderEntity).count(),
    }),
    async close() {
      await worker.stop()
      await db.destroy()
      await cluster.close()
    },
  }
}
