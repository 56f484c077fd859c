import { describe, expect, test } from 'vitest'
import { callSiteOf } from '../../packages/core/src/cluster/call-site.ts'
import { describeSkips } from './support/describe-skips.ts'
import { useGuardedDatabase } from './support/guarded-database.ts'
import { prisma7 } from './support/prisma-7.ts'
import { createTestCluster } from './support/test-cluster.ts'

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
