import { describe, expect, test } from 'vitest'
import { nodeIdentity, nodeReport } from './builders.ts'
import { eventually } from './eventually.ts'
import { migratedSubject } from './migrated.ts'
import type { StoreSubject } from './store-subject.ts'

/** Open transactions of other programs. */
export function describeWriters(make: () => Promise<StoreSubject>): void {
  describe('open writers', () => {
    const current = migratedSubject(make)
    const withEntries = async (): Promise<void> => {
      await current.subject.plain.query('CREATE TABLE entry (id int PRIMARY KEY, n int)')
      await current.subject.plain.query('INSERT INTO entry VALUES (1, 0), (2, 0)')
      await current.subject.plain.query('CREATE TABLE another (id int PRIMARY KEY)')
    }
    const look = async () => (await current.store.openWriters()) ?? []

    test('are seen from their first write to their commit; readers and our own tables are not', async () => {
      await withEntries()
      const { subject, store } = current
      const [writer, reader] = [await subject.session(), await subject.session()]
      await reader.query('BEGIN')
      await reader.query('SELECT * FROM entry')
      const node = nodeIdentity()
      await store.join(node)
      await Promise.all(Array.from({ length: 5 }, () => store.beat(node.id, nodeReport())))
      expect(await look()).toEqual([])
      await writer.query('BEGIN')
      await writer.query('UPDATE entry SET n = 1 WHERE id = 1')
      const [seen, ...others] = await look()
      expect(others).toEqual([])
      expect(seen).toMatchObject({ pid: expect.any(Number), application: expect.stringMatching(/./) })
      const name = subject.product.entry(new URL(subject.url).pathname.slice(1))
      expect(seen?.tables.length === 0 || seen?.tables.includes(name)).toBe(true)
      await writer.query('INSERT INTO another VALUES (1)')
      expect((await look()).map(({ id }) => id)).toEqual([seen?.id])
      await writer.query('COMMIT')
      await eventually('it is gone', async () => (await look()).length === 0, 1500)
    })

    test('that wait for a row are seen, under one id until they end (catches a look that misses a waiting write)', async () => {
      await withEntries()
      const { subject } = current
      const [holder, waiter] = [await subject.session(), await subject.session()]
      await holder.query('BEGIN')
      await holder.query('SELECT * FROM entry WHERE id = 1 FOR UPDATE')
      await waiter.query('BEGIN')
      const update = waiter.query('UPDATE entry SET n = 2 WHERE id = 1')
      await new Promise((resolve) => setTimeout(resolve, 100))
      const before = new Set((await look()).map(({ id }) => id))
      expect(before.size).toBeGreaterThan(0)
      await holder.query('ROLLBACK')
      await update
      // The transaction is open, so one of those that were seen must still be there.
      expect((await look()).some(({ id }) => before.has(id))).toBe(true)
      await waiter.query('ROLLBACK')
      await eventually('all are gone', async () => !(await look()).some(({ id }) => before.has(id)), 2500)
    })

    test('that wait for a table are seen', async () => {
      await withEntries()
      const { subject } = current
      const [holder, waiter] = [await subject.session(), await subject.session()]
      await holder.query('BEGIN')
      await holder.query(subject.product.place === '' ? 'LOCK TABLES entry READ' : 'LOCK TABLE entry IN SHARE MODE')
      const update = waiter.query('UPDATE entry SET n = 2 WHERE id = 1')
      await eventually('it alone is seen', async () => (await look()).length === 1)
      await holder.query(subject.product.place === '' ? 'UNLOCK TABLES' : 'COMMIT')
      await update
      await eventually('it is gone', async () => (await look()).length === 0, 1500)
    })

    test('can be ended; what has ended or is another transaction by now is left alone', async () => {
      await withEntries()
      const { subject, store } = current
      const [writer, innocent] = [await subject.session(), await subject.session()]
      await writer.query('BEGIN')
      await writer.query('UPDATE entry SET n = 1 WHERE id = 1')
      const seen = await look()
      expect(seen).toHaveLength(1)
      await store.terminate(seen)
      await expect(writer.query('COMMIT')).rejects.toThrow()
      await store.terminate(seen)
      expect(await innocent.query('SELECT n FROM entry WHERE id = 1')).toMatchObject([{ n: 0 }])
      await eventually('it is gone', async () => (await look()).length === 0, 1500)
    })
  })
}
