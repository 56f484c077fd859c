import { describe, expect, test } from 'vitest'
import { useGuardedDatabase } from '../support/guarded-database.ts'
import { createTestCluster } from '../support/test-cluster.ts'
import type { Client } from '../support/write-form.ts'
import { prismaSqlite } from './prisma-sqlite.ts'

describe('a write outside of a transaction that is open on the one connection', () => {
  const cluster = createTestCluster({}, prismaSqlite.database.dialect)
  const db = useGuardedDatabase(prismaSqlite, cluster)
  const rename = (name: string): PromiseLike<unknown> =>
    db().clients.base.card.update({ where: { id: 1 }, data: { name } })
  const nameInFile = async (): Promise<unknown> =>
    (await db().tables.query('SELECT name FROM report_card WHERE id = 1'))[0]?.['name']
  const rejected = { kind: 'QUIESCE_READ_ONLY' }

  /** Runs `work` while a transaction is open that has only read. */
  const whileReading = async (work: (tx: Pick<Client, 'card'>) => Promise<unknown>): Promise<unknown> =>
    db().clients.base.$transaction(async (tx) => {
      await tx.card.count()
      return work(tx)
    })

  test('is drained with that transaction, which commits it (catches a commit after the drain)', async () => {
    await whileReading(async () => {
      await rename('ridden')
      expect(await nameInFile()).toBe('Revenue')
      cluster.drain(5000)
      expect(cluster.gate.drain().inFlight).toBe(1)
    })
    expect(cluster.gate.drain().inFlight).toBe(0)
    expect(await nameInFile()).toBe('ridden')
  })

  test('keeps that transaction from committing past the deadline', async () => {
    const late = whileReading(async () => {
      await rename('late')
      cluster.drain(0)
    })
    await expect(late).rejects.toMatchObject({ ...rejected, because: 'drain-deadline' })
    expect(await nameInFile()).toBe('Revenue')
  })

  test('is refused while read-only, and reads go on', async () => {
    await whileReading(async (tx) => {
      cluster.freeze()
      await expect(rename('x')).rejects.toMatchObject(rejected)
      expect(await db().clients.base.card.count()).toBe(3)
      expect(await tx.card.count()).toBe(3)
    })
  })
})
