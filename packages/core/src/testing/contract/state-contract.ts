import { describe, expect, test } from 'vitest'
import { changeOf, commit, newFreeze, nodeIdentity, nodeReport } from './builders.ts'
import { migratedSubject } from './migrated.ts'
import type { StoreSubject } from './store-subject.ts'

const BEYOND_DOUBLE = '9007199254740993'

/** The state and its compare-and-set. */
export function describeState(make: () => Promise<StoreSubject>): void {
  describe('the state', () => {
    const current = migratedSubject(make)

    test('begins read-write on a primary whose identity is the token’s', async () => {
      const { token, ...rest } = await current.store.read()
      expect(token).toMatchObject({ epoch: '1', database: rest.database })
      expect(rest).toMatchObject({ mode: 'read-write', primary: true, registered: true, freezes: [] })
    })

    test('changes for exactly one of many at once (catches a compare-and-set that two pass)', async () => {
      for (let round = 0; round < 5; round += 1) {
        const stores = Array.from({ length: 8 }, () => current.subject.store())
        const { token } = await current.store.read()
        const change = await changeOf(current.store, {})
        const done = await Promise.all(
          stores.map((store) => store.commit(token, { ...change, begin: newFreeze() }, 'me')),
        )
        expect(done.filter(Boolean)).toHaveLength(1)
        expect((await current.store.read()).freezes).toHaveLength(round + 1)
        await Promise.all(stores.map((store) => store.close()))
      }
    })

    test('does not change when epoch, nonce, database or namespace is another, and nothing of the change stays', async () => {
      const { store, subject } = current
      const { token } = await store.read()
      const change = await changeOf(store, { begin: newFreeze(), events: [{ type: 'x', detail: {} }] })
      expect(await store.commit({ ...token, epoch: '2' }, change, 'me')).toBe(false)
      expect(await store.commit({ ...token, nonce: token.nonce.toUpperCase() }, change, 'me')).toBe(false)
      expect(await store.commit({ ...token, database: `${token.database}x` }, change, 'me')).toBe(false)
      expect(await store.commit(token, { ...change, database: 'elsewhere' }, 'me')).toBe(false)
      expect(await subject.store({ namespace: 'other' }).commit(token, change, 'me')).toBe(false)
      expect(await store.read()).toMatchObject({ token, freezes: [] })
      expect(await store.events(10)).toEqual([])
    })

    test('counts beyond 2^53 exactly (catches a driver that makes doubles of epochs)', async () => {
      const { store, subject } = current
      await subject.plain.query(`UPDATE ${subject.table('cluster')} SET epoch = ${BEYOND_DOUBLE}`)
      expect((await store.read()).token.epoch).toBe(BEYOND_DOUBLE)
      expect(await commit(store, {})).toBe(true)
      expect((await store.read()).token.epoch).toBe('9007199254740994')
      expect(
        await store.commit(
          { ...(await store.read()).token, epoch: '9007199254740992' },
          await changeOf(store, {}),
          'me',
        ),
      ).toBe(false)
      const node = nodeIdentity()
      await store.join(node)
      await store.beat(node.id, nodeReport({ seenEpoch: BEYOND_DOUBLE, ackedEpoch: BEYOND_DOUBLE }))
      expect(await store.nodes()).toMatchObject([{ seenEpoch: BEYOND_DOUBLE, ackedEpoch: BEYOND_DOUBLE }])
    })

    test('whose row is gone is lost, and is made again above every epoch that was seen', async () => {
      const { store, subject } = current
      const node = nodeIdentity()
      await store.join(node)
      await store.beat(node.id, nodeReport({ seenEpoch: '41' }))
      expect(await commit(store, { begin: newFreeze(), mode: 'draining' })).toBe(true)
      await subject.plain.query(`DELETE FROM ${subject.table('cluster')}`)
      await expect(store.read()).rejects.toMatchObject({ kind: 'QUIESCE_STATE_LOST' })
      await expect(store.beat(node.id, nodeReport())).rejects.toMatchObject({ kind: 'QUIESCE_STATE_LOST' })
      await store.beat(node.id, nodeReport({ seenEpoch: '41' })).catch(() => {})
      await Promise.all(Array.from({ length: 5 }, () => subject.store().ensureCluster()))
      expect(await store.read()).toMatchObject({ token: { epoch: '42' }, mode: 'draining' })
    })

    test('with a value that nobody may write is damaged', async () => {
      const { store, subject } = current
      const damage = `UPDATE ${subject.table('cluster')} SET mode = 'writable'`
      await expect(subject.plain.query(damage)).rejects.toThrow(/check|constraint/i)
      expect((await store.read()).mode).toBe('read-write')
    })

    test('keeps its events, the newest first, with their details', async () => {
      const { store } = current
      const detail = { text: `it's "quoted" \\ and ☃ 𝕏`, list: [1, null], nested: { deep: true } }
      await commit(store, {
        events: [
          { type: 'one', detail },
          { type: 'two', detail: {} },
        ],
      })
      const events = await store.events(2)
      expect(events).toMatchObject([{ type: 'two' }, { type: 'one', epoch: '2', node: 'tester', detail }])
      expect(Math.abs(Date.now() - (events[0]?.at.getTime() ?? 0))).toBeLessThan(60_000)
      expect(await store.events(1)).toHaveLength(1)
    })
  })
}
