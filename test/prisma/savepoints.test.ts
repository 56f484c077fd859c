import { isReadOnlyError } from '@quiesce/core/adapter'
import { describe, expect, test } from 'vitest'
import { useGuardedDatabase } from './support/guarded-database.ts'
import { prisma7 } from './support/prisma-7.ts'
import { createTestCluster } from './support/test-cluster.ts'
import type { Client } from './support/write-form.ts'

describe('nested transactions', () => {
  const cluster = createTestCluster({ audit_log: { insert: true } })
  const db = useGuardedDatabase(prisma7, cluster)

  /** The types of Prisma 7.10 don't know yet that the client of a transaction can open another one. */
  const nested = <T>(tx: object, work: (inner: Client) => Promise<T>): Promise<T> =>
    (tx as Pick<Client, '$transaction'>).$transaction(work as never) as Promise<T>

  test.each(['base', 'extended'] as const)(
    'a refusal inside rolls back to the savepoint (%s client)',
    async (which) => {
      cluster.freeze()
      await db().clients[which].$transaction(async (tx) => {
        await tx.auditLog.create({ data: { topic: 'outer' } })
        const inner = nested(tx, async (deep) => {
          await deep.auditLog.create({ data: { topic: 'inner' } })
          await deep.card.update({ where: { id: 1 }, data: { name: 'x' } })
        })
        await expect(inner).rejects.toSatisfy(isReadOnlyError)
      })
      const sent = db().clients.takeSent()
      expect(sent.filter((sql) => sql.includes('SAVEPOINT'))).toEqual([])
      const topics = await db().clients.base.auditLog.findMany({ select: { topic: true }, orderBy: { id: 'asc' } })
      expect(topics.map(({ topic }) => topic)).toEqual(['start', 'outer'])
      expect(await db().tables.idleInTransaction()).toBe(0)
    },
  )

  test('past the deadline a nested transaction ends the outer one too', async () => {
    const before = await db().tables.dump()
    const late = db().clients.base.$transaction(async (tx) => {
      await nested(tx, (deep) => deep.card.update({ where: { id: 1 }, data: { name: 'x' } }))
      cluster.drain(0)
    })
    await expect(late).rejects.toMatchObject({ because: 'drain-deadline' })
    expect(await db().tables.dump()).toBe(before)
    expect(await db().tables.idleInTransaction()).toBe(0)
  })
})
