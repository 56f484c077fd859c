import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { callSiteOf } from '../../packages/core/src/cluster/call-site.ts'
import { refusalMessage } from '../../packages/core/src/domain/fence-refusal.ts'
import { describeSkips } from './support/describe-skips.ts'
import { useGuardedDatabase } from './support/guarded-database.ts'
import { prisma7 } from './support/prisma-7.ts'
import { createTestCluster } from './support/test-cluster.ts'
import type { Client } from './support/write-form.ts'

describeSkips(prisma7)

describe('Prisma on a node that only reports', () => {
  const cluster = createTestCluster({}, prisma7.database.dialect, { enforcement: 'report' })
  const db = useGuardedDatabase(prisma7, cluster)

  test.each(['base', 'extended'] as const)(
    'the %s client writes while read-only, and what it writes is told',
    async (which) => {
      cluster.freeze()
      const before = cluster.reported.length
      const client = db().clients[which]
      await client.card.create({ data: { name: 'New' } })
      await client.$transaction(async (tx) => {
        await tx.card.update({ where: { id: 1 }, data: { name: 'renamed' } })
      })
      expect(await client.card.count({ where: { name: { in: ['New', 'renamed'] } } })).toBe(2)
      const reported = cluster.reported.slice(before)
      expect(reported.map(({ operation }) => operation)).toEqual(['insert', 'update'])
      // Prisma keeps the way of its caller outside of interactive transactions only.
      expect(callSiteOf(reported[0]?.stack)).toContain('policies.test.ts')
    },
  )
})

describe('Prisma with a belt', () => {
  const cluster = createTestCluster({ core_session: true }, prisma7.database.dialect, { belt: true })
  const db = useGuardedDatabase(prisma7, cluster)
  const call = (client: Client): PromiseLike<unknown> => client.$queryRaw`SELECT set_name('smuggled') AS name`

  test('a function that writes is refused in a SELECT, alone and in a transaction, and works again after the thaw', async () => {
    const { base } = db().clients
    await db().tables.query(
      `CREATE FUNCTION set_name(to_name text) RETURNS text LANGUAGE sql AS $$ UPDATE report_card SET name = to_name WHERE id = 1 RETURNING name $$`,
    )
    cluster.freeze()
    const before = await db().tables.dump()
    const refused = { kind: 'QUIESCE_READ_ONLY', operation: 'statement', because: 'freeze' }
    await expect(call(base)).rejects.toMatchObject(refused)
    expect(await base.card.count()).toBe(3)
    await base.$transaction((tx) => tx.session.create({ data: { id: 's9', userId: 1 } }))
    await base.session.delete({ where: { id: 's9' } })
    expect(await db().tables.dump()).toBe(before)
    cluster.thaw()
    await Promise.all(Array.from({ length: 6 }, (_, n) => base.tag.create({ data: { name: `after ${n}` } })))
    await call(base)
    expect(await base.card.count({ where: { name: 'smuggled' } })).toBe(1)
    expect(cluster.warnings).toEqual([])
  })
})

describe('Prisma in front of a fence', () => {
  const cluster = createTestCluster({}, prisma7.database.dialect)
  const db = useGuardedDatabase(prisma7, cluster)

  test('its refusal is a ReadOnlyError, alone and in a transaction', async () => {
    const freezeId = randomUUID()
    const message = refusalMessage({ freezeId, reason: 'a fence' })
    await db().tables.query(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '25006', MESSAGE = '${message}'; END $$`,
    )
    await db().tables.query('CREATE TRIGGER refuse BEFORE INSERT ON tag EXECUTE FUNCTION refuse()')
    const { base } = db().clients
    const refused = { kind: 'QUIESCE_READ_ONLY', freezeId, reason: 'a fence', because: 'freeze', status: 403 }
    await expect(base.tag.create({ data: { name: 'x' } })).rejects.toMatchObject(refused)
    await expect(base.$transaction((tx) => tx.tag.create({ data: { name: 'x' } }))).rejects.toMatchObject(refused)
    expect(await db().tables.idleInTransaction()).toBe(0)
  })
})
