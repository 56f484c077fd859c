import { isReadOnlyError } from '@quiesce/core/adapter'
import { describe, expect, test } from 'vitest'
import { createGuardedClients } from './guarded-clients.ts'
import { useGuardedDatabase } from './guarded-database.ts'
import type { PrismaVersion } from './prisma-version.ts'
import { createTestCluster } from './test-cluster.ts'
import type { Client } from './write-form.ts'

const rename = (client: Pick<Client, 'card'>, name: string): PromiseLike<unknown> =>
  client.card.update({ where: { id: 1 }, data: { name } })

/** Transactions that are open when the mode flips, and what is left of them. */
export function describeTransactions(version: PrismaVersion): void {
  describe(`Prisma ${version.name} on ${version.database.name} transactions over a flip`, () => {
    const cluster = createTestCluster({ audit_log: { insert: true } }, version.database.dialect)
    const db = useGuardedDatabase(version, cluster)

    const caught = (work: PromiseLike<unknown>): Promise<unknown> =>
      Promise.resolve(work).then(
        () => expect.fail('it was not refused'),
        (reason: unknown) => reason,
      )

    const expectCleanPool = async (): Promise<void> => {
      expect(await db().tables.idleInTransaction()).toBe(0)
      const reads = Array.from({ length: 4 }, () => db().clients.base.$transaction((tx) => tx.card.count()))
      expect(await Promise.all(reads)).toEqual([3, 3, 3, 3])
      expect(cluster.gate.drain()).toMatchObject({ inFlight: 0, unknown: 0 })
    }

    describe.each(['base', 'extended'] as const)('%s client', (which) => {
      const client = (): Client => db().clients[which]

      test('one that has written may write on and commit while the cluster drains', async () => {
        await client().$transaction(async (tx) => {
          await rename(tx, 'first')
          cluster.drain(5000)
          expect(cluster.gate.drain().inFlight).toBe(1)
          await rename(tx, 'second')
        })
        expect(await client().card.findUnique({ where: { id: 1 } })).toMatchObject({ name: 'second' })
        await expectCleanPool()
      })

      test('one that has only read is refused at its first write, and can go on reading', async () => {
        const read = client().$transaction(async (tx) => {
          await tx.card.findMany()
          cluster.drain(5000)
          expect(await caught(rename(tx, 'late'))).toMatchObject({ kind: 'QUIESCE_READ_ONLY', because: 'freeze' })
          return tx.card.count()
        })
        expect(await read).toBe(3)
        await expectCleanPool()
      })

      test('one that is past the deadline is rolled back at COMMIT', async () => {
        const before = await db().tables.dump()
        const late = client().$transaction(async (tx) => {
          await rename(tx, 'late')
          cluster.drain(0)
        })
        expect(await caught(late)).toMatchObject({ because: 'drain-deadline', reason: 'move to eu-2' })
        expect(await db().tables.dump()).toBe(before)
        await expectCleanPool()
      })

      test('one that is past the deadline is refused at its next statement, even a read', async () => {
        const before = await db().tables.dump()
        const late = client().$transaction(async (tx) => {
          await rename(tx, 'late')
          cluster.drain(0)
          await tx.card.count()
        })
        expect(await caught(late)).toMatchObject({ because: 'drain-deadline' })
        expect(await db().tables.dump()).toBe(before)
        await expectCleanPool()
      })

      test('one that swallows the refusal past the deadline still does not commit', async () => {
        const before = await db().tables.dump()
        const late = client().$transaction(async (tx) => {
          await rename(tx, 'late')
          cluster.drain(0)
          await caught(rename(tx, 'later'))
        })
        expect(await caught(late)).toSatisfy(isReadOnlyError)
        expect(await db().tables.dump()).toBe(before)
        await expectCleanPool()
      })

      test('one that began while read-only and wrote after the thaw may go on in the next drain', async () => {
        cluster.freeze()
        await client().$transaction(async (tx) => {
          cluster.thaw()
          await rename(tx, 'first')
          cluster.drain(5000)
          await rename(tx, 'second')
        })
        expect(await client().card.findUnique({ where: { id: 1 } })).toMatchObject({ name: 'second' })
        await expectCleanPool()
      })

      test('one that wrote before its own error ends the drain by its rollback', async () => {
        const failing = client().$transaction(async (tx) => {
          await rename(tx, 'late')
          cluster.drain(5000)
          throw new TypeError('of the application')
        })
        await expect(failing).rejects.toThrow(TypeError)
        await expectCleanPool()
      })

      test('one that wrote only what is exempt holds nothing up', async () => {
        await client().$transaction(async (tx) => {
          await tx.auditLog.create({ data: { topic: 'x' } })
          cluster.drain(5000)
          expect(cluster.gate.drain().inFlight).toBe(0)
          cluster.freeze()
          await tx.auditLog.create({ data: { topic: 'y' } })
        })
        expect(await client().auditLog.count()).toBe(3)
      })
    })

    const { server } = version.database
    const sleeps = (): boolean =>
      db()
        .clients.takeSent()
        .some((sql) => sql.includes('sleep('))

    test.runIf(server)('a statement in flight at the flip is waited for and finishes', async () => {
      const slow = db().clients.base.$executeRawUnsafe(String(server?.slowRename('slow', 0.3)))
      const done = slow.then((count) => count)
      await expect.poll(sleeps).toBe(true)
      cluster.drain(5000)
      expect(cluster.gate.drain().inFlight).toBe(1)
      expect(await done).toBe(1)
      await expectCleanPool()
    })

    test('a write that the database refuses is over: the drain does not wait for it', async () => {
      await expect(rename(db().clients.base, 'Costs')).rejects.toMatchObject({ code: 'P2002' })
      cluster.drain(5000)
      await expectCleanPool()
    })

    test.runIf(server)('a write whose connection is lost stays unknown', async () => {
      const { clients, tables } = db()
      const error = caught(clients.base.$executeRawUnsafe(String(server?.slowRename('lost', 10))))
      await expect.poll(() => server?.cutSleepers(tables.query)).toBe(1)
      expect(await error).toBeInstanceOf(Error)
      expect(cluster.gate.drain().unknown).toBe(1)
      cluster.gate.forgetUnknown(cluster.gate.unknownWrites())
      // The server rolls back behind the end of the connection, not before it.
      await expect.poll(tables.idleInTransaction).toBe(0)
      await expectCleanPool()
    })

    test('a client that is disconnected rolls its open transactions back', async () => {
      const before = await db().tables.dump()
      const other = await createGuardedClients(version, db().url, cluster)
      const work = other.extended.$transaction(async (tx) => {
        await rename(tx, 'open')
        await other.close()
      })
      await caught(work)
      cluster.drain(5000)
      expect(await db().tables.dump()).toBe(before)
      await expectCleanPool()
    })
  })
}
