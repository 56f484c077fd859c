import { isReadOnlyError } from '@quiesce/core/adapter'
import type { DataSource, ObjectLiteral, Repository, UpdateEvent } from 'typeorm'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { GuardedApplication } from './fixture.ts'
import type { TypeormTarget } from './target.ts'
import type { TypeormModule } from './typeorm-module.ts'

const EXEMPT = {
  report_card: ['last_used_at', 'updated_at', 'version'],
  document: ['deleted_at', 'score'],
  core_user: ['home_zip'],
  cloud_migration: ['setting_id'],
  core_session: true,
  audit_log: { insert: true },
  'query-result-cache': true,
} as const

interface Case {
  readonly name: string
  run(db: DataSource): Promise<unknown>
}

/** What is exempt may be written while the cluster is read-only, and nothing beside it. */
export function describeExemptions(typeorm: TypeormModule, target: TypeormTarget): void {
  describe(`exemptions while the cluster on ${target.name} is read-only`, () => {
    let fixture: GuardedApplication

    beforeAll(async () => {
      fixture = await target.open(typeorm, { exempt: EXEMPT })
      await fixture.node.freeze()
    })
    afterAll(() => fixture?.[Symbol.asyncDispose]())
    afterEach(async () => {
      expect(await fixture.leaks()).toEqual([])
    })

    it.each(exemptWrites)('let pass: $name', async ({ run }) => {
      const before = await fixture.dump()
      await run(fixture.db)
      expect(await fixture.dump()).not.toBe(before)
    })

    it.each(protectedWrites)('refuse: $name', async ({ run, fields, columns }) => {
      const before = await fixture.dump()
      const error = await run(fixture.db).catch((reason: unknown) => reason)
      expect(isReadOnlyError(error)).toBe(true)
      if (fields !== undefined) expect(error).toHaveProperty('fields', fields)
      if (columns !== undefined) expect(error).toHaveProperty('columns', columns)
      expect(await fixture.dump()).toBe(before)
    })

    it('leave a transaction usable after a refusal that was caught in it', async () => {
      const sessions = fixture.db.getRepository('CoreSession')
      const before = await sessions.count()
      await fixture.db.transaction(async (manager) => {
        await manager.getRepository('CoreSession').insert({ name: 'first' })
        await expect(manager.getRepository('Setting').insert({ name: 'x' })).rejects.toSatisfy(isReadOnlyError)
        await manager.getRepository('CoreSession').insert({ name: 'second' })
      })
      expect(await sessions.count()).toBe(before + 2)
    })

    it('hold for a column that another subscriber adds after the early layer has looked', async () => {
      const subscriber = {
        beforeUpdate: ({ entity }: UpdateEvent<ObjectLiteral>) => {
          if (entity !== undefined) entity['name'] = 'smuggled'
        },
      }
      fixture.db.subscribers.push(subscriber)
      const before = await fixture.dump()
      const card = await cards(fixture.db).findOneByOrFail({ id: 1 })
      const saved = cards(fixture.db).save({ ...card, lastUsedAt: new Date() })
      await expect(saved).rejects.toMatchObject({ kind: 'QUIESCE_READ_ONLY', columns: ['name'] })
      expect(await fixture.dump()).toBe(before)
      fixture.db.subscribers.splice(fixture.db.subscribers.indexOf(subscriber), 1)
    })
  })
}

const cards = (db: DataSource): Repository<ObjectLiteral> => db.getRepository('ReportCard')
const now = (): Date => new Date()
const oneCard = (db: DataSource): Promise<ObjectLiteral> => cards(db).findOneByOrFail({ id: 1 })

const exemptWrites: readonly Case[] = [
  {
    name: 'save of an exempt column, with the update date and the version riding along',
    run: async (db) => cards(db).save({ ...(await oneCard(db)), lastUsedAt: now() }),
  },
  { name: 'update of an exempt column', run: (db) => cards(db).update(1, { lastUsedAt: now() }) },
  {
    name: 'update of an exempt column by query builder',
    run: (db) => cards(db).createQueryBuilder().update().set({ lastUsedAt: now() }).where('id = 1').execute(),
  },
  { name: 'update by expression', run: (db) => cards(db).update(1, { lastUsedAt: () => 'CURRENT_TIMESTAMP' }) },
  {
    name: 'update beside an undefined value',
    run: (db) => cards(db).update(1, { lastUsedAt: now(), name: undefined }),
  },
  {
    name: 'update of an exempt embedded column',
    run: (db) => db.getRepository('CoreUser').update(1, { home: { zip: '1' } }),
  },
  {
    name: 'update of orphans, of which TypeORM names no column',
    run: (db) => db.getRepository('Setting').save({ id: 1, migrations: [] }),
  },
  {
    name: 'update beside a column that TypeORM never updates',
    run: (db) => db.getRepository('CoreUser').update(1, { isFrozen: true, home: { zip: '2' } }),
  },
  {
    name: 'statement of one own',
    run: (db) => db.query("UPDATE report_card SET last_used_at = '2026-01-02 03:04:05' WHERE id = 1"),
  },
  { name: 'insert into an exempt table', run: (db) => db.getRepository('CoreSession').save({ name: 'x' }) },
  { name: 'update of an exempt table', run: (db) => db.getRepository('CoreSession').update(1, { name: 'changed' }) },
  { name: 'delete from an exempt table', run: (db) => db.getRepository('CoreSession').delete({ name: 'x' }) },
  { name: 'clear of an exempt table', run: (db) => db.getRepository('CoreSession').clear() },
  { name: 'insert where only inserts are exempt', run: (db) => db.getRepository('AuditLog').insert({ name: 'x' }) },
  {
    name: 'result cache in an exempt table',
    run: (db) => cards(db).find({ cache: { id: 'cards', milliseconds: 60_000 } }),
  },
]

const protectedWrites: readonly (Case & {
  readonly fields?: readonly string[]
  readonly columns?: readonly string[]
})[] = [
  {
    name: 'save of an exempt column and another',
    fields: ['name'],
    columns: ['name'],
    run: async (db) => cards(db).save({ ...(await oneCard(db)), lastUsedAt: now(), name: 'x' }),
  },
  {
    name: 'update of an exempt column and another',
    fields: ['viewCount'],
    columns: ['view_count'],
    run: (db) => cards(db).update(1, { lastUsedAt: now(), viewCount: 2 }),
  },
  {
    name: 'update of an exempt column and another by query builder, without listeners',
    columns: ['name'],
    run: (db) =>
      cards(db).createQueryBuilder().update().set({ lastUsedAt: now(), name: 'x' }).callListeners(false).execute(),
  },
  {
    name: 'relation beside exempt columns',
    fields: ['collection'],
    columns: ['collection_id'],
    run: async (db) => cards(db).save({ ...(await oneCard(db)), collection: null, lastUsedAt: now() }),
  },
  {
    name: 'embedded column beside an exempt one',
    fields: ['home.street'],
    columns: ['home_street'],
    run: (db) => db.getRepository('CoreUser').update(1, { home: { zip: '1', street: 'x' } }),
  },
  { name: 'insert into a table with exempt columns', run: (db) => cards(db).insert({ lastUsedAt: now() }) },
  { name: 'delete from a table with exempt columns', run: (db) => cards(db).delete({ id: 1 }) },
  {
    name: 'upsert where only columns are exempt',
    run: (db) => cards(db).upsert({ name: 'revenue', lastUsedAt: now() }, ['name']),
  },
  {
    name: 'softDelete whose update date and version are not exempt',
    columns: ['version', 'updated_at'],
    run: (db) => db.getRepository('Document').softDelete(1),
  },
  { name: 'update where only inserts are exempt', run: (db) => db.getRepository('AuditLog').update(1, { name: 'x' }) },
  { name: 'schema of an exempt table', run: (db) => db.query('ALTER TABLE core_session ADD COLUMN x int') },
  {
    name: 'exempt table through a CTE that changes another',
    run: (db) =>
      db.query(
        "WITH s AS (UPDATE setting SET value = 'x' RETURNING name) INSERT INTO core_session (name) SELECT name FROM s",
      ),
  },
]
