import { isReadOnlyError, QuiesceError } from '@quiesce/core/adapter'
import { guardAdapter, guardClient, readOnlyMode } from '@quiesce/prisma'
import { describe, expect, test } from 'vitest'
import { useGuardedDatabase } from './guarded-database.ts'
import type { PrismaVersion } from './prisma-version.ts'
import { createTestCluster } from './test-cluster.ts'
import type { Client } from './write-form.ts'

/** The ways to put a client together, and what each still refuses. */
export function describeClients(version: PrismaVersion): void {
  describe(`Prisma ${version.name} on ${version.database.name} clients`, () => {
    const cluster = createTestCluster({}, version.database.dialect)
    const db = useGuardedDatabase(version, cluster)

    const refusal = (write: PromiseLike<unknown>): Promise<unknown> =>
      Promise.resolve(write).then(
        () => expect.fail('the write was not refused'),
        (reason: unknown) => reason,
      )
    const create = (client: Pick<Client, 'card'>): PromiseLike<unknown> => client.card.create({ data: { name: 'New' } })
    const early = { model: 'Card', path: 'Card.create' }

    test('the extension demands a guarded adapter of the same cluster', () => {
      const bare = version.createClient(version.createAdapter(db().url, 1))
      expect(() => bare.$extends(readOnlyMode(cluster))).toThrow(/not guarded.*guardAdapter\(cluster/s)
      expect(() => guardClient(bare, cluster)).toThrow(QuiesceError)
      const stranger = createTestCluster({}, version.database.dialect)
      expect(() => db().clients.base.$extends(readOnlyMode(stranger))).toThrow(/guarded by another cluster/)
    })

    test('what is no cluster is a configuration error', () => {
      expect(() => guardAdapter({}, version.createAdapter(db().url, 1))).toThrow(/createCluster/)
      expect(() => readOnlyMode({})).toThrow(/createCluster/)
    })

    test('guardClient keeps $on and refuses early', async () => {
      const client = guardClient(db().clients.base, cluster)
      cluster.freeze()
      expect(client.$on).toBeTypeOf('function')
      expect(await refusal(create(client))).toMatchObject(early)
      expect(await client.card.count()).toBe(3)
    })

    test('the client that was guarded still refuses, at the statement', async () => {
      cluster.freeze()
      expect(await refusal(create(db().clients.base))).toMatchObject({ model: undefined, operation: 'insert' })
    })

    test('extensions on top keep the early refusal and their own members', async () => {
      const client = db()
        .clients.extended.$extends({ model: { card: { greet: () => 'hello' } }, client: { $ping: () => 'pong' } })
        .$extends((inner) =>
          inner.$extends({
            result: { card: { title: { needs: { name: true }, compute: ({ name }) => `«${name}»` } } },
          }),
        )
      expect(await client.card.findFirst({ where: { id: 1 } })).toMatchObject({ title: '«Revenue»' })
      cluster.freeze()
      expect(await client.card.findFirst({ where: { id: 1 } })).toMatchObject({ title: '«Revenue»' })
      expect([client.card.greet(), client.$ping()]).toEqual(['hello', 'pong'])
      expect(await refusal(client.card.create({ data: { name: 'New' } }))).toMatchObject(early)
    })

    test('a rewriting extension on top is still held by the statement', async () => {
      const client = db().clients.extended.$extends({
        query: {
          card: {
            findMany: ({ args }) =>
              db().clients.base.card.updateMany({ where: args.where ?? {}, data: { name: 'x' } }) as never,
          },
        },
      })
      cluster.freeze()
      expect(await refusal(client.card.findMany({ where: { id: 1 } }))).toMatchObject({
        operation: 'update',
        columns: ['name', 'updated_at'],
      })
    })

    test('models and promises taken before the flip are held by the statement', async () => {
      const { card } = db().clients.extended
      const promise = card.create({ data: { name: 'New' } })
      cluster.freeze()
      expect(await refusal(promise)).toSatisfy(isReadOnlyError)
      expect(await refusal(card.create({ data: { name: 'New' } }))).toSatisfy(isReadOnlyError)
    })

    test('while the cluster drains, operations outside transactions are refused early too', async () => {
      cluster.drain(5000)
      db().clients.takeSent()
      expect(await refusal(create(db().clients.extended))).toMatchObject(early)
      const { extended } = db().clients
      const batch = extended.$transaction([extended.card.count(), extended.card.create({ data: { name: 'New' } })])
      expect(await refusal(batch)).toMatchObject(early)
      expect(
        db()
          .clients.takeSent()
          .filter((sql) => sql.startsWith('INSERT')),
      ).toEqual([])
    })

    test('so are those of a transaction that begins then; one that had written goes on', async () => {
      const { extended } = db().clients
      const begun = (): Promise<unknown> => extended.$transaction((tx) => Promise.resolve(create(tx)))
      const written = extended.$transaction(async (tx) => {
        await tx.card.update({ where: { id: 1 }, data: { name: 'first' } })
        cluster.drain(5000)
        return tx.card.update({ where: { id: 1 }, data: { name: 'second' } })
      })
      expect(await written).toMatchObject({ name: 'second' })
      expect(await refusal(begun())).toMatchObject(early)
    })

    test('read-write mode pays for no hook: the models are those of the client underneath', () => {
      const { base, extended } = db().clients
      expect(extended.card).toBe(base.card)
      cluster.freeze()
      expect(extended.card).not.toBe(base.card)
    })

    test('models taken while read-only write again after the thaw', async () => {
      cluster.freeze()
      const { card } = db().clients.extended
      cluster.thaw()
      expect(await card.create({ data: { name: 'New' } })).toMatchObject({ name: 'New' })
    })

    test('writes work again after the thaw, with the same client', async () => {
      const { extended } = db().clients
      cluster.freeze()
      await refusal(create(extended))
      cluster.thaw()
      await create(extended)
      expect(await extended.card.count()).toBe(4)
    })

    test('a client that first connects while read-only names the model too', async () => {
      cluster.freeze()
      const client = version.createClient(guardAdapter(cluster, version.createAdapter(db().url, 1)))
      expect(await refusal(create(client.$extends(readOnlyMode(cluster)) as unknown as Client))).toMatchObject(early)
      await client.$disconnect()
    })

    test('no statement passes while the cluster object is closed', async () => {
      const closed = createTestCluster({}, version.database.dialect)
      const client = version.createClient(guardAdapter(closed, version.createAdapter(db().url, 1)))
      const extended = client.$extends(readOnlyMode(closed)) as unknown as Client
      closed.gate.close(0)
      expect(await refusal(create(extended))).toMatchObject({ because: 'closed', ...early })
      expect(await refusal(create(client))).toMatchObject({ because: 'closed' })
      await client.$disconnect()
    })
  })
}
