import { isReadOnlyError } from '@quiesce/core/adapter'
import { attachReadOnly } from '@quiesce/typeorm'
import type { DataSource, DataSourceOptions, MigrationInterface, QueryRunner } from 'typeorm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CreateCloudLog1700000000000 } from './fixture.ts'
import type { ServerFixture, ServerTarget } from './server-fixture.ts'
import type { TypeormModule } from './typeorm-module.ts'

class AddColumn1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE cloud_log ADD COLUMN note text')
  }
  async down(): Promise<void> {}
}

/** An instance that starts while the cluster is read-only. */
export function describeBoot(typeorm: TypeormModule, target: ServerTarget): void {
  describe(`an instance that boots while the cluster on ${target.name} is read-only`, () => {
    let fixture: ServerFixture
    let before: string

    beforeEach(async () => {
      fixture = await target.open(typeorm)
      await fixture.node.freeze()
      before = await fixture.dump()
    })
    afterEach(async () => {
      expect(await fixture.dump()).toBe(before)
      expect(await fixture.leaks()).toEqual([])
      await fixture[Symbol.asyncDispose]()
    })

    const guarded = (options: Partial<DataSourceOptions>): DataSource => {
      const db = new typeorm.DataSource(target.options(typeorm, fixture.url, options))
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
      const db = await guarded({ replication: { master: { url }, slaves: [{ url }] } }).initialize()
      const runner = db.createQueryRunner('slave')
      const client = await fixture.clientOf(runner)
      await expect(runner.query('DELETE FROM setting')).rejects.toSatisfy(isReadOnlyError)
      await expect(client.query('DELETE FROM setting')).rejects.toSatisfy(isReadOnlyError)
      await expect(db.getRepository('Setting').find()).resolves.toHaveLength(1)
      await runner.release()
      await db.destroy()
    })
  })

  describe(`a helper of TypeORM on ${target.name} that is overtaken by a freeze`, () => {
    it('gives its connection back', async () => {
      await using fixture = await target.open(typeorm, {
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
