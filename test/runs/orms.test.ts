import 'reflect-metadata'
import { once } from 'node:events'
import { type Cluster, createCluster, isReadOnlyError, type RunHolder } from '@quiesce/core'
import { guardAdapter, readOnlyMode } from '@quiesce/prisma'
import { type FreshDatabase, freshDatabase } from '@quiesce/test-servers'
import { attachReadOnly } from '@quiesce/typeorm'
import { DataSource } from 'typeorm'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { prisma7 } from '../prisma/support/prisma-7.ts'
import { createTables, type TestTables } from '../prisma/support/tables.ts'
import type { Client } from '../prisma/support/write-form.ts'

const url = inject('postgresUrl')

// Left out only where QUIESCE_TEST_DATABASES says so.
describe.skipIf(url === undefined)('the writes of a run', () => {
  let database: FreshDatabase
  let tables: TestTables
  let cluster: Cluster
  beforeAll(async () => {
    database = await freshDatabase(url, 'runs-orms')
    tables = await createTables(database.url)
    await tables.reset()
    cluster = createCluster({ database: database.url })
    await cluster.migrate()
  })
  afterAll(async () => {
    await cluster.close()
    await tables.close()
    await database.drop()
  })

  /** Runs one step on the whole way; fenced, so that what gets through has passed guards and fence. */
  const inRun = async (step: (holder: RunHolder) => Promise<void>): Promise<void> => {
    await cluster.run({
      name: 'orm',
      reason: 'test',
      force: { reason: 'late nodes' },
      freeze: { fence: 'required' },
      steps: [{ name: 'write', run: step }],
    })
  }

  test('pass Prisma’s guards and the fence inside bypass() only (catches a context that leaks)', async () => {
    const base = prisma7.createClient(guardAdapter(cluster, prisma7.createAdapter(database.url, 3)))
    const prisma = base.$extends(readOnlyMode(cluster)) as unknown as Client
    const rename = (client: Pick<Client, 'card'>, name: string) =>
      client.card.update({ where: { id: 1 }, data: { name } })
    try {
      await inRun(async (holder) => {
        await expect(rename(prisma, 'outside')).rejects.toSatisfy(isReadOnlyError)
        const { name } = await holder.bypass(prisma, async (tx) => {
          await rename(tx as unknown as Client, 'first')
          return rename(tx as unknown as Client, 'inside')
        })
        expect(name).toBe('inside')
        await expect(rename(prisma, 'outside')).rejects.toSatisfy(isReadOnlyError)
        const undone = holder.bypass(prisma, async (tx) => {
          await rename(tx as unknown as Client, 'undone')
          throw new TypeError('on purpose')
        })
        await expect(undone).rejects.toThrow('on purpose')
      })
      expect(await prisma.card.findUnique({ where: { id: 1 } })).toMatchObject({ name: 'inside' })
    } finally {
      await base.$disconnect()
    }
  })

  test('are over with their transaction: what is left behind passes nothing (catches a context that outlives its transaction)', async () => {
    const db = new DataSource({ type: 'postgres', url: database.url })
    attachReadOnly(cluster, db)
    await db.initialize()
    const rename = `UPDATE report_card SET name = 'behind its transaction' WHERE id = 2`
    const detached = new AbortController()
    try {
      const step = async (holder: RunHolder): Promise<void> => {
        const late = await holder.bypass(db, async () => ({
          // In the context of the transaction, and not awaited by it.
          written: once(detached.signal, 'abort').then(() => db.transaction((manager) => manager.query(rename))),
        }))
        setImmediate(() => detached.abort())
        await expect(late.written).rejects.toSatisfy(isReadOnlyError)
      }
      await cluster.run({
        ...{ name: 'detached', reason: 'test', force: { reason: 'late nodes' }, freeze: { fence: 'off' } },
        steps: [{ name: 'write', run: step }],
      })
    } finally {
      await db.destroy()
    }
  })

  test('pass TypeORM’s guards and the fence inside bypass() only', async () => {
    const db = new DataSource({ type: 'postgres', url: database.url })
    attachReadOnly(cluster, db)
    await db.initialize()
    const rename = `UPDATE report_card SET name = $1 WHERE id = 2`
    try {
      await inRun(async (holder) => {
        await expect(db.query(rename, ['outside'])).rejects.toSatisfy(isReadOnlyError)
        await holder.bypass(db, (manager) => manager.query(rename, ['through TypeORM']))
        await expect(db.query(rename, ['outside'])).rejects.toSatisfy(isReadOnlyError)
      })
      expect(await db.query('SELECT name FROM report_card WHERE id = 2')).toEqual([{ name: 'through TypeORM' }])
    } finally {
      await db.destroy()
    }
  })
})
