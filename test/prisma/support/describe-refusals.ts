import { isReadOnlyError, type ReadOnlyError } from '@quiesce/core/adapter'
import { describe, expect, test } from 'vitest'
import { useGuardedDatabase } from './guarded-database.ts'
import { modelForms } from './model-forms.ts'
import { manyToManyForms, nestedForms } from './nested-forms.ts'
import type { PrismaVersion } from './prisma-version.ts'
import { transactionForms } from './raw-forms.ts'
import { createTestCluster } from './test-cluster.ts'
import type { Client, WriteForm } from './write-form.ts'

/** False for what a transaction sends besides the refused write: its reads, and its end. */
const isTelling = (sql: string): boolean => !/^(SELECT|ROLLBACK$)/.test(sql)

/** Every way to write that Prisma has, refused for the client with and without the extension. */
export function describeRefusals(version: PrismaVersion): void {
  describe(`Prisma ${version.name} on ${version.database.name} refuses while read-only`, () => {
    const cluster = createTestCluster({}, version.database.dialect)
    const db = useGuardedDatabase(version, cluster)
    const { rawForms, missingForms } = version.database
    const forms = [...modelForms, ...nestedForms, ...manyToManyForms, ...rawForms, ...transactionForms].filter(
      ({ name }) => !missingForms.includes(name),
    )

    /** Runs the form while read-only and returns its refusal, after checking that nothing changed or stayed open. */
    async function refusalOf(client: Client, form: WriteForm): Promise<ReadOnlyError> {
      const { tables, clients } = db()
      const before = await tables.dump()
      cluster.freeze()
      clients.takeSent()
      const error = await form.run(client, version).then(
        () => expect.fail('the write was not refused'),
        (reason: unknown) => reason,
      )
      if (!isReadOnlyError(error)) throw error
      expect(await tables.dump()).toBe(before)
      expect(await tables.idleInTransaction()).toBe(0)
      expect(error).toMatchObject({ kind: 'QUIESCE_READ_ONLY', because: 'freeze', reason: 'move to eu-2', status: 403 })
      return error
    }

    test.each(forms)('$name: writes in read-write mode', async ({ run }) => {
      const { tables, clients } = db()
      const before = await tables.dump()
      await run(clients.base, version)
      expect(await tables.dump()).not.toBe(before)
    })

    test.each(forms)('$name: refused for the base client', async (form) => {
      const error = await refusalOf(db().clients.base, form)
      expect(error.operation).toBe(form.statement.operation)
      expect(error.table?.replace(/^public\./, '')).toBe(form.statement.table)
      expect(error.model).toBeUndefined()
    })

    test.each(forms)('$name: refused for the extended client', async (form) => {
      const error = await refusalOf(db().clients.extended, form)
      expect(error).toMatchObject(form.early ?? { operation: form.statement.operation })
      if (form.early === undefined) return
      const sent = db().clients.takeSent()
      expect(transactionForms.includes(form) ? sent.filter(isTelling) : sent).toEqual([])
    })

    test('all connections serve reads after every refusal', async () => {
      const { clients } = db()
      cluster.freeze()
      for (const form of forms) {
        for (const client of [clients.base, clients.extended]) await form.run(client, version).catch(() => {})
      }
      const reads = Array.from({ length: 6 }, () => clients.extended.$transaction((tx) => tx.card.count()))
      expect(await Promise.all(reads)).toEqual([3, 3, 3, 3, 3, 3])
    })

    test('reads of every kind pass', async () => {
      const { clients } = db()
      cluster.freeze()
      for (const client of [clients.base, clients.extended]) {
        expect(await client.card.findMany({ include: { tags: true, collection: true } })).toHaveLength(3)
        expect(await client.card.findUnique({ where: { id: 1 } }).collection()).toMatchObject({ name: 'Reports' })
        expect(await client.card.findFirstOrThrow({ orderBy: { id: 'desc' } })).toMatchObject({ name: 'Loose' })
        expect(await client.card.aggregate({ _sum: { viewCount: true } })).toEqual({ _sum: { viewCount: 0 } })
        expect(await client.card.groupBy({ by: ['collectionId'], _count: true })).toHaveLength(2)
        expect(await client.$queryRaw`SELECT name FROM report_card WHERE id = ${3}`).toEqual([{ name: 'Loose' }])
        expect(await client.$transaction([client.card.count(), client.tag.count()])).toEqual([3, 2])
      }
    })

    test('a record that the update would not find is still the refusal, for the extended client', async () => {
      const { clients } = db()
      cluster.freeze()
      const update = clients.extended.card.update({ where: { id: 99 }, data: { name: 'x' } })
      await expect(update).rejects.toSatisfy(isReadOnlyError)
    })
  })
}
