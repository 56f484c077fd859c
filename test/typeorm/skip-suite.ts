import { isReadOnlyError } from '@quiesce/core/adapter'
import type { DataSource } from 'typeorm'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { GuardedApplication } from './fixture.ts'
import type { TypeormTarget } from './target.ts'
import type { TypeormModule } from './typeorm-module.ts'

const SKIP = {
  report_card: ['last_used_at', 'updated_at', 'version', 'view_count'],
  core_session: true,
  audit_log: { insert: true },
} as const

interface Case {
  readonly name: string
  run(db: DataSource): Promise<unknown>
  /** What it gives; of an entity, the fields that are named here. */
  readonly gives?: object
}

/** What the policy lets be skipped: answered as done, nothing sent, and every result has its usual shape. */
export function describeSkips(typeorm: TypeormModule, target: TypeormTarget): void {
  describe(`skipped writes while the cluster on ${target.name} is read-only`, () => {
    let fixture: GuardedApplication

    beforeAll(async () => {
      fixture = await target.open(typeorm, { skip: SKIP })
      await fixture.node.freeze()
    })
    afterAll(() => fixture?.[Symbol.asyncDispose]())
    afterEach(async () => {
      expect(await fixture.leaks()).toEqual([])
    })

    it.each(skippedWrites)('$name', async ({ run, gives }) => {
      const before = await fixture.dump()
      const result = await run(fixture.db)
      if (gives !== undefined) expect(result).toMatchObject(gives)
      expect(await fixture.dump()).toBe(before)
    })

    it.each(refusedWrites)('refused: $name', async ({ run }) => {
      const before = await fixture.dump()
      await expect(run(fixture.db)).rejects.toSatisfy(isReadOnlyError)
      expect(await fixture.dump()).toBe(before)
    })

    it('a transaction goes on behind one, and reads what was not changed', async () => {
      const found = await fixture.db.transaction(async (manager) => {
        await manager.getRepository('ReportCard').update(1, { viewCount: 9 })
        return manager.getRepository('ReportCard').findOneByOrFail({ id: 1 })
      })
      expect(found['viewCount']).toBe(0)
    })

    it('are written again after the thaw', async () => {
      fixture.node.thaw()
      const { affected } = await fixture.db.getRepository('ReportCard').update(1, { viewCount: 3 })
      expect(affected).toBe(1)
      await fixture.node.freeze()
    })
  })
}

const now = (): Date => new Date()

const skippedWrites: readonly Case[] = [
  {
    name: 'save of an entity',
    run: async (db) => {
      const card = await db.getRepository('ReportCard').findOneByOrFail({ id: 1 })
      return db.getRepository('ReportCard').save({ ...card, lastUsedAt: now() })
    },
    gives: { id: 1, name: 'revenue' },
  },
  {
    name: 'update',
    run: (db) => db.getRepository('ReportCard').update(1, { lastUsedAt: now() }),
    gives: { affected: 0 },
  },
  {
    name: 'increment',
    run: (db) => db.getRepository('ReportCard').increment({ id: 1 }, 'viewCount', 1),
    gives: { affected: 0 },
  },
  {
    name: 'query builder',
    run: (db) => db.createQueryBuilder().update('CoreSession').set({ name: 'x' }).execute(),
    gives: { affected: 0 },
  },
  { name: 'delete', run: (db) => db.getRepository('CoreSession').delete({ name: 'seed' }), gives: { affected: 0 } },
  {
    name: 'remove',
    run: async (db) => db.getRepository('CoreSession').remove(await db.getRepository('CoreSession').find()),
  },
  { name: 'statement of one’s own', run: (db) => db.query("UPDATE core_session SET name = 'x'") },
  { name: 'insert without an answer', run: (db) => db.query("INSERT INTO audit_log (name) VALUES ('x')") },
]

const refusedWrites: readonly Case[] = [
  {
    name: 'a protected column beside it',
    run: (db) => db.getRepository('ReportCard').update(1, { lastUsedAt: now(), name: 'x' }),
  },
  {
    name: 'an operation that the policy does not name',
    run: (db) => db.getRepository('AuditLog').delete({ name: 'seed' }),
  },
  { name: 'emptying the table', run: (db) => db.query('DELETE FROM core_session; DELETE FROM setting') },
]
