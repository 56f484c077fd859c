import { type Cluster, createCluster } from '@quiesce/core'

/** The cluster: while it is read-only, only sessions are written. */
export function createShopCluster(database: string): Cluster {
  return createCluster({ database, namespace: 'shop', application: 'express-prisma', exempt: { session: true } })
}
