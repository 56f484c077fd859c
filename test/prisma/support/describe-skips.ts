import { isReadOnlyError } from '@quiesce/core/adapter'
import { describe, expect, test } from 'vitest'
import { useGuardedDatabase } from './guarded-database.ts'
import type { PrismaVersion } from './prisma-version.ts'
import { createTestCluster } from './test-cluster.ts'
import type { Client } from './write-form.ts'

const SKIP = {
  report_card: ['last_used_at', 'updated_at', 'view_count'],
  core_session: { update: true, delete: true },
  view_log: { insert: true },
} as const
const lastUsedAt = new Date('2026-01-02T03:04:05Z')

/** What the policy lets be skipped: answered as done, nothing sent, and every result has its usual shape. */
export function describeSkips(version: PrismaVersion): void {
  describe(`Prisma ${version.name} on ${version.database.name} skips`, () => {
    const cluster = createTestCluster({ audit_log: true }, version.database.dialect, { skip: SKIP })
    const db = useGuardedDatabase(version, cluster)

    /** Runs it while read-only; nothing of the database may change. */
    async function skipped<T>(work: (client: Client) => PromiseLike<T>, which: 'base' | 'extended'): Promise<T> {
      const before = await db().tables.dump()
      cluster.freeze()
      try {
        return await work(db().clients[which])
      } finally {
        expect(await db().tables.dump()).toBe(before)
        expect(await db().tables.idleInTransaction()).toBe(0)
      }
    }

    describe.each(['base', 'extended'] as const)('%s client', (which) => {
      test('update: the row as it is', async () => {
        const card = await skipped((client) => client.card.update({ where: { id: 1 }, data: { lastUsedAt } }), which)
        expect(card).toMatchObject({ id: 1, name: 'Revenue', lastUsedAt: null })
      })

      test('update with a relation selected', async () => {
        const args = { where: { id: 1 }, data: { viewCount: { increment: 1 } }, include: { collection: true } } as const
        const card = await skipped((client) => client.card.update(args), which)
        expect(card).toMatchObject({ viewCount: 0, collection: { name: 'Reports' } })
      })

      test('update of a row that is not there is still an error', async () => {
        const update = skipped((client) => client.card.update({ where: { id: 99 }, data: { lastUsedAt } }), which)
        await expect(update).rejects.toMatchObject({ code: 'P2025' })
      })

      test('updateMany, deleteMany and createMany count nothing', async () => {
        expect(await skipped((client) => client.card.updateMany({ data: { lastUsedAt } }), which)).toEqual({ count: 0 })
        expect(await skipped((client) => client.session.deleteMany(), which)).toEqual({ count: 0 })
        const data = [{ model: 'Card', modelId: 1 }]
        expect(await skipped((client) => client.viewLog.createMany({ data }), which)).toEqual({ count: 0 })
      })

      test('raw statements', async () => {
        const touch = (client: Client): PromiseLike<unknown> => client.$executeRaw`UPDATE core_session SET user_id = 1`
        expect(await skipped(touch, which)).toBe(0)
        const query = (client: Client): PromiseLike<unknown> => client.$queryRaw`DELETE FROM core_session`
        expect(await skipped(query, which)).toEqual([])
      })

      test('a batch and an interactive transaction go on behind it', async () => {
        const touched = await skipped(
          (client) => client.$transaction([client.card.updateMany({ data: { lastUsedAt } }), client.card.count()]),
          which,
        )
        expect(touched).toEqual([{ count: 0 }, 3])
        const read = await skipped(
          (client) =>
            client.$transaction(async (tx) => {
              await tx.card.update({ where: { id: 1 }, data: { lastUsedAt } })
              return tx.card.findUnique({ where: { id: 1 } })
            }),
          which,
        )
        expect(read).toMatchObject({ lastUsedAt: null })
      })

      test('refused: an insert whose row is wanted, and one protected column beside it', async () => {
        const create = skipped((client) => client.viewLog.create({ data: { model: 'Card', modelId: 1 } }), which)
        await expect(create).rejects.toSatisfy(isReadOnlyError)
        const update = skipped((c) => c.card.update({ where: { id: 1 }, data: { lastUsedAt, name: 'x' } }), which)
        await expect(update).rejects.toMatchObject({ kind: 'QUIESCE_READ_ONLY' })
      })

      test('in read-write mode the same writes are made', async () => {
        await db().clients[which].card.update({ where: { id: 1 }, data: { lastUsedAt } })
        expect(await db().clients.base.card.count({ where: { lastUsedAt } })).toBe(1)
      })
    })

    test('nothing of a skipped update reaches the driver but the read for its rows', async () => {
      cluster.freeze()
      db().clients.takeSent()
      await db().clients.base.card.update({ where: { id: 1 }, data: { lastUsedAt } })
      await db().clients.base.card.updateMany({ data: { lastUsedAt } })
      const sent = db().clients.takeSent()
      expect(sent.filter((sql) => !/^(SELECT|BEGIN|COMMIT|ROLLBACK)/.test(sql))).toEqual([])
    })
  })
}
