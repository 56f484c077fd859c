import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { StoreSubject } from './store-subject.ts'

/** Creation and versions of the tables. */
export function describeSchema(make: () => Promise<StoreSubject>): void {
  describe('the tables', () => {
    let subject: StoreSubject
    beforeEach(async () => {
      subject = await make()
    })
    afterEach(() => subject.close())

    test('are made by ten at once, each of which finds them complete (catches CREATE … IF NOT EXISTS without a lock)', async () => {
      const stores = Array.from({ length: 10 }, () => subject.store())
      const found = await Promise.all(
        stores.map(async (store) => {
          await store.migrate()
          await store.ensureCluster()
          return [await store.schemaVersion(), (await store.read()).token.epoch]
        }),
      )
      expect(new Set(found.map((one) => JSON.stringify(one)))).toEqual(new Set(['[{"found":2,"known":2},"1"]']))
      const versions = `SELECT version FROM ${subject.table('version')} ORDER BY version`
      expect(await subject.plain.query(versions)).toEqual([{ version: 1 }, { version: 2 }])
    })

    test('that are missing, older or newer are told apart', async () => {
      const store = subject.store()
      expect(await store.schemaVersion()).toEqual({ found: undefined, known: 2 })
      await expect(store.read()).rejects.toMatchObject({ kind: 'QUIESCE_SCHEMA' })
      await store.migrate()
      await subject.plain.query(`UPDATE ${subject.table('version')} SET version = 99 WHERE version = 2`)
      expect(await store.schemaVersion()).toEqual({ found: 99, known: 2 })
      await expect(store.migrate()).rejects.toMatchObject({
        kind: 'QUIESCE_SCHEMA',
        message: expect.stringContaining('99'),
      })
      await subject.plain.query(`DELETE FROM ${subject.table('version')} WHERE version = 1`)
      await subject.plain.query(`UPDATE ${subject.table('version')} SET version = 0`)
      expect(await store.schemaVersion()).toEqual({ found: 0, known: 2 })
    })

    test('of the application that the database lacks are named', async () => {
      const store = subject.store()
      await store.migrate()
      const missing = [
        { schema: undefined, table: 'no such table' },
        { schema: undefined, table: 'it\'s `not` "there"' },
      ]
      expect(await store.missingTables(missing)).toEqual(missing)
      expect(await store.missingTables([])).toEqual([])
      const ofNoTable = missing.map((name) => ({ ...name, column: 'x' }))
      expect(await store.missingColumns(ofNoTable)).toEqual([])
      expect(await store.missingColumns([])).toEqual([])
    })

    test('of two prefixes do not see each other', async () => {
      const stores = ['one_', `it's \`2\` "3"_`].map((tablePrefix) => subject.store({ tablePrefix }))
      for (const store of stores) {
        await store.migrate()
        await store.ensureCluster()
      }
      await stores[0]?.acquireLock({
        name: 'x',
        nonce: 'n',
        holder: '00000000-0000-4000-8000-000000000001',
        owner: 'o',
        leaseMs: 1000,
        statementTimeoutMs: 500,
      })
      expect(await stores[0]?.locks()).toHaveLength(1)
      expect(await stores[1]?.locks()).toEqual([])
    })
  })
}
