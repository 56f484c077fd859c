import { isReadOnlyError } from '@quiesce/core/adapter'
import { attachReadOnly } from '@quiesce/typeorm'
import type { Pool, PoolClient } from 'pg'
import type { DataSource, DataSourceOptions, MigrationInterface, QueryRunner } from 'typeorm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CreateCloudLog1700000000000, dataSourceOptions, type Fixture, openFixture } from './fixture.ts'
import type { TypeormModule } from './typeorm-module.ts'

class AddColumn1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE cloud_log ADD COLUMN note text')
  }
  async down(): Promise<void> {}
}

/** An instance that starts while the cluster is read-only. */
export function describeBoot(typeorm: TypeormModule): void {
  describe('an instance that boots while the cluster is read-only', () => {
    let fixture: Fixture
    let before: string

    beforeEach(async () => {
      fixture = await openFixture(typeorm)
      await fixture.node.freeze()
      before = await fixture.dump()
    })
    afterEach(async () => {
      expect(await fixture.dump()).toBe(before)
      expect(await fixture.leaks()).toEqual([])
      await fixture[Symbol.asyncDispose]()
    })

    const guarded = (options: Partial<DataSourceOptions>): DataSource => {
      const db = new typeorm.DataSource(dataSourceOptions(typeorm, fixture.url, options))
      attachReadOnly(fixture.node.cluster, db)
      return db
    }

    it('starts with migrationsRun when none is pending', async () => {
      const db = await guarded({ migrationsRun: true }).initialize()
      expect(await db.runMigrations()).toEqual([])
      expect(await db.showMigrations()).toBe(false)
      await db.destroy()
    })

    it('does not start with migrationsRun when one is pending', async () => {
      const db = guarded({ migrationsRun: true, migrations: [CreateCloudLog1700000000000, AddColumn1700000000001] })
      await expect(db.initialize()).rejects.toSatisfy(isReadOnlyError)
      expect(db.isInitialized).toBe(false)
    })

    it.each([{ synchronize: true }, { dropSchema: true }])('does not start with %o', async (options) => {
      await expect(guarded(options).initialize()).rejects.toSatisfy(isReadOnlyError)
    })

    it('shows migrations without creating the table for them, as often as asked', async () => {
      const db = await guarded({ migrationsTableName: 'absent', poolSize: 1 }).initialize()
      for (let round = 0; round < 3; round += 1) {
        expect(await db.showMigrations()).toBe(true)
        await expect(db.runMigrations()).rejects.toSatisfy(isReadOnlyError)
        await db.undoLastMigration()
      }
      await db.destroy()
    })

    it('refuses on the connections of replicas, too', async () => {
      const { url } = fixture
      const db = guarded({})
      await db.setOptions({ replication: { master: { url }, slaves: [{ url }] } }).initialize()
      const runner = db.createQueryRunner('slave')
      const client: PoolClient = await runner.connect()
      await expect(runner.query('DELETE FROM setting')).rejects.toSatisfy(isReadOnlyError)
      await expect(client.query('DELETE FROM setting')).rejects.toSatisfy(isReadOnlyError)
      const [pool]: Pool[] = Reflect.get(db.driver, 'slaves')
      await expect(pool?.query('DELETE FROM setting')).rejects.toSatisfy(isReadOnlyError)
      await expect(db.getRepository('Setting').find()).resolves.toHaveLength(1)
      await runner.release()
      await db.destroy()
    })

    it('starts without the extensions that it would create', async () => {
      const db = await guarded({ extensions: ['pg_trgm'], logging: false } as Partial<DataSourceOptions>).initialize()
      const { rows } = await fixture.admin.query("SELECT * FROM pg_extension WHERE extname = 'pg_trgm'")
      expect(rows).toEqual([])
      await db.destroy()
    })
  })

  describe('a helper of TypeORM that is overtaken by a freeze', () => {
    it('gives its connection back', async () => {
      await using fixture = await openFixture(typeorm, {
        dataSource: () => ({ migrationsTableName: 'absent', migrations: [AddColumn1700000000001], poolSize: 2 }),
        attach: (node, db) => {
          attachReadOnly(node.cluster, db)
          // The fixture's own migrations are left out.
          Reflect.set(db, 'runMigrations', async () => [])
        },
      })
      Reflect.deleteProperty(fixture.db, 'runMigrations')
      const { node, db } = fixture
      for (const helper of ['showMigrations', 'undoLastMigration'] as const) {
        const call = db[helper]()
        node.beginFreeze()
        await expect(call).rejects.toSatisfy(isReadOnlyError)
        expect(await fixture.leaks()).toEqual([])
        node.thaw()
      }
      const find = db.getRepository('Tag').find({ cache: true })
      node.beginFreeze()
      await expect(find).resolves.toHaveLength(2)
      expect(await fixture.leaks()).toEqual([])
    })
  })
}
