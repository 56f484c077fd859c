import { setTimeout as sleep } from 'node:timers/promises'
import { createCluster, isReadOnlyError } from '@quiesce/core'
import { freshDatabase } from '@quiesce/test-servers'
import { attachReadOnly } from '@quiesce/typeorm'
import type { DataSource, EntityManager } from 'typeorm'
import { describe, expect, it } from 'vitest'
import type { ServerTarget } from './server-fixture.ts'
import type { TypeormModule } from './typeorm-module.ts'

/** Two instances of an application, in one cluster. */
export function describeCluster(typeorm: TypeormModule, target: ServerTarget): void {
  describe(`a cluster of two instances on ${target.name}`, () => {
    it('writes on neither from the moment that freeze() has resolved until thaw()', async () => {
      await using database = await freshDatabase(target.serverUrl(), 'typeorm-cluster')
      const open = async (name: string) => {
        const cluster = createCluster({ database: database.url, application: name, exempt: { audit_log: true } })
        await cluster.migrate()
        const db = new typeorm.DataSource(target.options(typeorm, database.url))
        attachReadOnly(cluster, db)
        await db.initialize()
        return { cluster, db }
      }
      const first = await open('first')
      await first.db.synchronize()
      const second = await open('second')
      const rows = (): Promise<number> => first.db.getRepository('Setting').count()
      let isOver = false
      let written = 0
      const write = async (db: DataSource): Promise<void> => {
        while (!isOver) {
          try {
            await db.transaction(writeTwice)
            written += 2
          } catch (error) {
            if (!isReadOnlyError(error)) throw error
            await sleep(1)
          }
        }
      }
      const writers = [first, second, first, second].map(({ db }) => write(db))
      for (let round = 0; round < 3; round += 1) {
        await sleep(50)
        const freeze = await second.cluster.freeze({ reason: 'test' })
        const before = await rows()
        await first.db.getRepository('AuditLog').insert({ name: 'exempt' })
        await sleep(50)
        expect(await rows()).toBe(before)
        await freeze.thaw()
      }
      await sleep(300)
      isOver = true
      await Promise.all(writers)
      expect(await rows()).toBe(written)
      expect(written).toBeGreaterThan(10)
      for (const { cluster, db } of [first, second]) {
        await db.destroy()
        await cluster.close()
      }
    })
  })
}

async function writeTwice(manager: EntityManager): Promise<void> {
  await manager.getRepository('Setting').insert({ name: 'x' })
  await sleep(Math.random() * 5)
  await manager.getRepository('Setting').save({ name: 'y' })
}
