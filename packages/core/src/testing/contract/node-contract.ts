import { describe, expect, test } from 'vitest'
import { nodeIdentity, nodeReport } from './builders.ts'
import { migratedSubject } from './migrated.ts'
import type { StoreSubject } from './store-subject.ts'

/** The registry of nodes. */
export function describeNodes(make: () => Promise<StoreSubject>): void {
  describe('nodes', () => {
    const current = migratedSubject(make)

    test('join, report with each heartbeat, and leave', async () => {
      const { store } = current
      const node = nodeIdentity()
      await store.join(node)
      expect(await store.nodes()).toMatchObject([
        { ...node, seenEpoch: '0', inFlight: 0, oldest: undefined, status: 'alive' },
      ])
      const report = nodeReport({ seenEpoch: '3', ackedEpoch: '2', inFlight: 5, unknown: 1, oldest: `UPDATE "é"` })
      expect(await store.beat(node.id, report)).toMatchObject({ registered: true, mode: 'read-write' })
      const [seen] = await store.nodes()
      expect(seen).toMatchObject(report)
      expect(seen?.leaseRemainingMs).toBeGreaterThan(node.leaseMs - 1000)
      expect(seen?.leaseRemainingMs).toBeLessThanOrEqual(node.leaseMs)
      expect(seen?.heartbeatAgeMs).toBeLessThan(1000)
      await store.leave(node.id)
      await store.leave(node.id)
      expect(await store.nodes()).toEqual([])
      expect((await store.events(9)).map(({ type }) => type)).toEqual(['node-left', 'node-joined'])
    })

    test('whose row is gone, or of another namespace, are told at their next heartbeat, and counted elsewhere', async () => {
      const { store, subject } = current
      const node = nodeIdentity()
      await store.join(node)
      const other = subject.store({ namespace: 'other' })
      await other.ensureCluster()
      expect(await store.otherNamespaces()).toEqual([])
      expect(await other.otherNamespaces()).toEqual([{ namespace: 'default', nodes: 1 }])
      expect(await other.beat(node.id, nodeReport())).toMatchObject({ registered: false })
      await subject.plain.query(`UPDATE ${subject.table('node')} SET lease_until = ${subject.product.past}`)
      expect(await other.otherNamespaces()).toEqual([])
      await subject.plain.query(`DELETE FROM ${subject.table('node')}`)
      expect(await store.beat(node.id, nodeReport())).toMatchObject({ registered: false })
    })

    test('that have been lost for long are removed once, by one of many who look', async () => {
      const { store, subject } = current
      const dead = Array.from({ length: 6 }, () => nodeIdentity())
      const live = nodeIdentity()
      for (const node of dead) await store.join(node)
      await subject.plain.query(`UPDATE ${subject.table('node')} SET lease_until = ${subject.product.past}`)
      await store.join(live)
      const reapers = Array.from({ length: 4 }, () => subject.store())
      const beats = Array.from({ length: 10 }, () => store.beat(live.id, nodeReport()))
      const reaped = (await Promise.all([...reapers.map((reaper) => reaper.reap(60_000)), ...beats]))
        .slice(0, reapers.length)
        .flat()
      expect([...reaped].sort()).toEqual(dead.map(({ id }) => id).sort())
      expect(await store.nodes()).toMatchObject([{ id: live.id }])
      expect((await store.events(99)).filter(({ type }) => type === 'node-lost')).toHaveLength(dead.length)
      expect(await store.reap(60_000)).toEqual([])
    })
  })
}
