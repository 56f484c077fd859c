import { type Cluster, createCluster } from '@quiesce/core'

/** One cluster for both ORMs: its tables are named as the database names them. */
export function createShopCluster(database: string): Cluster {
  return createCluster({
    database,
    namespace: 'shop',
    application: 'fastify-both',
    exempt: { view_log: { insert: true } },
  })
}
