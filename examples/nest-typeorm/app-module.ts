import { Module } from '@nestjs/common'
import { type Cluster, createCluster } from '@quiesce/core'
import { QUIESCE_CLUSTER, ReadOnlyModule } from '@quiesce/http/nest'
import { attachReadOnly } from '@quiesce/typeorm'
import { DataSource } from 'typeorm'
import { OrdersController, orderEntity, sessionEntity } from './orders.ts'

/** The token of the database's URL. */
const DATABASE_URL = Symbol('database url')

/** Starts the cluster before anything asks it, and creates its tables, as a migration would. */
async function startCluster(database: string): Promise<Cluster> {
  const cluster = createCluster({ database, namespace: 'shop', application: 'nest-typeorm', exempt: { session: true } })
  await cluster.migrate()
  await cluster.start()
  return cluster
}

async function connect(cluster: Cluster, url: string): Promise<DataSource> {
  const db = new DataSource({ type: 'postgres', url, entities: [orderEntity, sessionEntity], synchronize: true })
  attachReadOnly(cluster, db)
  return db.initialize()
}

/** The modules of the application, on a database. */
export function appModule(databaseUrl: string) {
  @Module({
    imports: [ReadOnlyModule.forRootAsync({ useFactory: async () => ({ cluster: await startCluster(databaseUrl) }) })],
    providers: [
      { provide: DATABASE_URL, useValue: databaseUrl },
      { provide: DataSource, inject: [QUIESCE_CLUSTER, DATABASE_URL], useFactory: connect },
    ],
    controllers: [OrdersController],
  })
  class AppModule {}
  return AppModule
}
