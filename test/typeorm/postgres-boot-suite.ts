import { isReadOnlyError } from '@quiesce/core/adapter'
import { attachReadOnly } from '@quiesce/typeorm'
import type { Pool } from 'pg'
import type { DataSource, DataSourceOptions } from 'typeorm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dataSourceOptions, type Fixture, openFixture } from './fixture.ts'
import type { TypeormModule } from './typeorm-module.ts'

/** What of an instance that starts only PostgreSQL and its driver have. */
export function describePostgresBoot(typeorm: TypeormModule): void {
  describe('an instance on PostgreSQL that boots while the cluster is read-only', () => {
    let fixture: Fixture

    beforeEach(async () => {
      fixture = await openFixture(typeorm)
      await fixture.node.freeze()
    })
    afterEach(() => fixture[Symbol.asyncDispose]())

    const guarded = (options: Partial<DataSourceOptions>): DataSource => {
      const db = new typeorm.DataSource(dataSourceOptions(typeorm, fixture.url, options))
      attachReadOnly(fixture.node.cluster, db)
      return db
    }

    it('refuses what comes over the pool of a replica', async () => {
      const { url } = fixture
      const db = await guarded({ replication: { master: { url }, slaves: [{ url }] } }).initialize()
      const [pool]: Pool[] = Reflect.get(db.driver, 'slaves')
      await expect(pool?.query('DELETE FROM setting')).rejects.toSatisfy(isReadOnlyError)
      await db.destroy()
    })

    it('starts without the extensions that it would create', async () => {
      const db = await guarded({ extensions: ['pg_trgm'], logging: false } as Partial<DataSourceOptions>).initialize()
      const { rows } = await fixture.admin.query("SELECT * FROM pg_extension WHERE extname = 'pg_trgm'")
      expect(rows).toEqual([])
      await db.destroy()
    })
  })
}
