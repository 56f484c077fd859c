import { isReadOnlyError } from '@quiesce/core/adapter'
import { describe, expect, test } from 'vitest'
import { useGuardedDatabase } from './guarded-database.ts'
import type { PrismaVersion } from './prisma-version.ts'
import { createTestCluster } from './test-cluster.ts'
import type { Client } from './write-form.ts'

const exempt = {
  report_card: ['last_used_at', 'updated_at'],
  core_session: true,
  audit_log: { insert: true },
  tag: { insert: true },
} as const

const lastUsedAt = new Date('2026-01-02T03:04:05Z')

/** What may still be written while read-only, with either client. */
export function describeExemptions(version: PrismaVersion): void {
  describe(`Prisma ${version.name} on ${version.database.name} with exemptions`, () => {
    const cluster = createTestCluster(exempt, version.database.dialect)
    const db = useGuardedDatabase(version, cluster)

    const refusal = async (write: PromiseLike<unknown>): Promise<unknown> => {
      const before = await db().tables.dump()
      const error = await Promise.resolve(write).then(
        () => expect.fail('the write was not refused'),
        (reason: unknown) => reason,
      )
      expect(error).toSatisfy(isReadOnlyError)
      expect(await db().tables.dump()).toBe(before)
      expect(await db().tables.idleInTransaction()).toBe(0)
      return error
    }

    describe.each(['base', 'extended'] as const)('%s client', (which) => {
      const client = (): Client => db().clients[which]

      test('an update of exempt columns passes, with the @updatedAt that Prisma adds', async () => {
        cluster.freeze()
        await client().card.update({ where: { id: 1 }, data: { lastUsedAt } })
        await client().card.updateMany({ where: { id: 2 }, data: { lastUsedAt } })
        await client().collection.update({
          where: { id: 1 },
          data: { cards: { updateMany: { where: { id: 2 }, data: { lastUsedAt: { set: lastUsedAt } } } } },
        })
        expect(await client().card.count({ where: { lastUsedAt } })).toBe(2)
      })

      test('an update of one protected column more is refused whole', async () => {
        cluster.freeze()
        const error = await refusal(client().card.update({ where: { id: 1 }, data: { lastUsedAt, name: 'x' } }))
        expect(error).toMatchObject({ operation: 'update', columns: ['name'] })
        if (which === 'extended') expect(error).toMatchObject({ model: 'Card', fields: ['name'], path: 'Card.update' })
      })

      test('an exempt table takes every write', async () => {
        cluster.freeze()
        await client().session.create({ data: { id: 's2', userId: 1 } })
        await client().session.update({ where: { id: 's2' }, data: { createdAt: lastUsedAt } })
        await client().session.upsert({ where: { id: 's3' }, create: { id: 's3', userId: 1 }, update: { userId: 1 } })
        await client().user.update({ where: { id: 1 }, data: { sessions: { create: { id: 's4' } } } })
        await client().session.deleteMany({ where: { id: { in: ['s1', 's2'] } } })
        expect(await client().session.findMany({ select: { id: true }, orderBy: { id: 'asc' } })).toEqual([
          { id: 's3' },
          { id: 's4' },
        ])
      })

      test('an exempt operation does not exempt the others of its table', async () => {
        cluster.freeze()
        await client().auditLog.create({ data: { topic: 'login', details: {} } })
        await client().$executeRaw`INSERT INTO audit_log (topic) VALUES (${'raw'})`
        expect(await client().auditLog.count()).toBe(3)
        const update = await refusal(client().auditLog.updateMany({ data: { topic: 'x' } }))
        expect(update).toMatchObject({ operation: 'update', columns: ['topic'] })
        expect(await refusal(client().auditLog.deleteMany())).toMatchObject({ operation: 'delete' })
        expect(await refusal(client().$executeRaw`TRUNCATE audit_log`)).toMatchObject({ operation: 'truncate' })
      })

      test('an upsert passes when the branch that the data takes is exempt', async () => {
        cluster.freeze()
        const upsert = (id: number): PromiseLike<unknown> =>
          client().card.upsert({ where: { id }, create: { name: 'New' }, update: { lastUsedAt } })
        await upsert(1)
        expect(await client().card.count({ where: { lastUsedAt } })).toBe(1)
        expect(await refusal(upsert(99))).toMatchObject({ operation: 'insert' })
      })

      test('find or create passes when the row is there', async () => {
        cluster.freeze()
        const found = await client().card.upsert({ where: { id: 1 }, create: { name: 'New' }, update: {} })
        expect(found.name).toBe('Revenue')
      })

      test('a link is refused by the column of its foreign key, with what was written before it', async () => {
        cluster.freeze({ collection: true })
        const write = client().collection.update({
          where: { id: 1 },
          data: { name: 'x', cards: { connect: { id: 3 } } },
        })
        expect(await refusal(write)).toMatchObject({ operation: 'update', columns: ['collection_id'] })
      })

      test('a protected join table keeps an exempt insert from being linked', async () => {
        cluster.freeze()
        const write = client().card.update({ where: { id: 1 }, data: { tags: { create: { name: 'green' } } } })
        expect(await refusal(write)).toMatchObject({
          operation: 'insert',
          table: expect.stringContaining('_CardToTag'),
        })
      })

      test('what one freeze exempts is over with it', async () => {
        cluster.freeze({ setting: true })
        await client().setting.update({ where: { key: 'site-name' }, data: { value: 'a' } })
        cluster.freeze()
        await refusal(client().setting.update({ where: { key: 'site-name' }, data: { value: 'b' } }))
      })

      test('an empty list of rows is no write', async () => {
        cluster.freeze()
        expect(await client().card.createMany({ data: [] })).toEqual({ count: 0 })
        expect(await client().card.updateMany({ data: {} })).toMatchObject({ count: expect.any(Number) })
      })
    })
  })
}
