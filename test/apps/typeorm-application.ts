import 'reflect-metadata'
import type { Cluster } from '@quiesce/core'
import { attachReadOnly } from '@quiesce/typeorm'
import { DataSource } from 'typeorm'
import type { Application } from './application.ts'

/** An application that writes through TypeORM's query runners. */
export async function typeormApplication(cluster: Cluster, url: string, poolSize: number): Promise<Application> {
  const type = url.startsWith('postgres') ? 'postgres' : url.startsWith('mariadb') ? 'mariadb' : 'mysql'
  const db = new DataSource({ type, url, poolSize })
  attachReadOnly(cluster, db)
  await db.initialize()
  return {
    async write(sql) {
      await db.query(sql)
    },
    async begin(isolation) {
      const runner = db.createQueryRunner()
      await runner.startTransaction(isolation)
      const rollback = async (): Promise<void> => {
        if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => {})
        await runner.release()
      }
      return {
        async write(sql) {
          await runner.query(sql)
        },
        async commit() {
          try {
            await runner.commitTransaction()
          } finally {
            await rollback()
          }
        },
        rollback,
      }
    },
    close: () => db.destroy(),
  }
}
