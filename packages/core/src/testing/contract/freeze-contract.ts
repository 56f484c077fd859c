import { describe, expect, test } from 'vitest'
import { commit, newFreeze } from './builders.ts'
import { migratedSubject } from './migrated.ts'
import type { StoreSubject } from './store-subject.ts'

/** Freezes as rows: their times, their ends. */
export function describeFreezes(make: () => Promise<StoreSubject>): void {
  describe('freezes', () => {
    const current = migratedSubject(make)

    test('begin with all that was asked for, and end once', async () => {
      const { store } = current
      const expectedEnd = new Date('2031-02-03T04:05:06.789Z')
      const freeze = newFreeze({ expectedEnd, exempt: { session: true, card: ['last "used"'] }, onHolderLost: 'stay' })
      const begun = await commit(store, { begin: freeze, mode: 'draining' })
      expect(begun).toBe(true)
      const snapshot = await store.read()
      const { leaseMs, drainTimeoutMs, deadlineMs, ...asked } = freeze
      expect(snapshot.freezes).toMatchObject([{ ...asked, phase: 'draining', epoch: '2', database: snapshot.database }])
      const [read] = snapshot.freezes
      expect(read?.deadlineRemainingMs).toBeUndefined()
      for (const [remaining, whole] of [
        [read?.leaseRemainingMs, leaseMs],
        [read?.drainRemainingMs, drainTimeoutMs],
      ] as const) {
        expect(remaining).toBeGreaterThan(whole - 1000)
        expect(remaining).toBeLessThanOrEqual(whole)
      }
      const ending = { id: freeze.id, by: 'me', why: 'forced', note: `it's over` } as const
      expect(await commit(store, { end: [ending], mode: 'read-write' })).toBe(true)
      expect(await store.read()).toMatchObject({ mode: 'read-write', freezes: [] })
      expect(await store.renewFreeze(freeze.id, freeze.nonce)).toBeUndefined()
    })

    test('are renewed by their nonce only, never past their deadline', async () => {
      const { store } = current
      const freeze = newFreeze({ leaseMs: 60_000, deadlineMs: 20_000 })
      await commit(store, { begin: freeze, mode: 'draining' })
      const [read] = (await store.read()).freezes
      expect(read?.leaseRemainingMs).toBeLessThanOrEqual(20_000)
      expect(read?.leaseRemainingMs).toBeCloseTo(read?.deadlineRemainingMs ?? 0, 0)
      const renewed = await store.renewFreeze(freeze.id, freeze.nonce)
      expect(renewed).toBeLessThanOrEqual(20_000)
      expect(renewed).toBeGreaterThan(15_000)
      expect(await store.renewFreeze(freeze.id, 'another')).toBeUndefined()
      expect(await store.extendFreeze(freeze.id, freeze.nonce, { expectedEnd: new Date(4e12) })).toBe(true)
      expect((await store.read()).freezes[0]?.expectedEnd).toEqual(new Date(4e12))
      expect(await store.extendFreeze(freeze.id, 'another', { expectedEnd: undefined })).toBe(false)
      expect(await store.extendFreeze(freeze.id, freeze.nonce, { expectedEnd: undefined })).toBe(true)
      expect((await store.read()).freezes[0]?.expectedEnd).toBeUndefined()
    })

    test.each(['lease_until', 'deadline_at'])(
      'whose %s is over can be neither renewed nor confirmed, and a change that confirms them is undone whole',
      async (column) => {
        const { store, subject } = current
        const [dead, live] = [newFreeze(), newFreeze()]
        await commit(store, { begin: dead, mode: 'draining' })
        await commit(store, { begin: live, mode: 'draining' })
        const before = await store.read()
        await subject.plain.query(
          `UPDATE ${subject.table('freeze')} SET ${column} = ${subject.product.past} WHERE id = '${dead.id}'`,
        )
        expect(await store.renewFreeze(dead.id, dead.nonce)).toBeUndefined()
        expect(await store.extendFreeze(dead.id, dead.nonce, { expectedEnd: new Date() })).toBe(false)
        const confirm = [live.id, dead.id]
        expect(await commit(store, { confirm, mode: 'read-only', events: [{ type: 'frozen', detail: {} }] })).toBe(
          false,
        )
        const after = await store.read()
        expect(after.token).toEqual(before.token)
        expect(after.freezes.map(({ phase }) => phase)).toEqual(['draining', 'draining'])
        expect(await store.events(9)).toEqual([])
      },
    )

    test('are confirmed with a full lease; an operator’s has none from then on, one that stays neither', async () => {
      const { store, subject } = current
      const [machine, operator] = [newFreeze(), newFreeze({ kind: 'operator' })]
      await commit(store, { begin: machine, mode: 'draining' })
      await commit(store, { begin: operator, mode: 'draining' })
      const late = subject.product.past
        .replace('-', '+')
        .replace(/1 hour/i, subject.product.place ? '2 second' : '2 SECOND')
      await subject.plain.query(`UPDATE ${subject.table('freeze')} SET lease_until = ${late}`)
      expect(await commit(store, { confirm: [machine.id, operator.id], mode: 'read-only' })).toBe(true)
      const [first, second] = (await store.read()).freezes
      expect(first).toMatchObject({ phase: 'read-only', kind: 'machine' })
      expect(first?.leaseRemainingMs).toBeGreaterThan(8000)
      expect(second).toMatchObject({ phase: 'read-only', kind: 'operator', leaseRemainingMs: undefined })
      expect(await store.renewFreeze(operator.id, operator.nonce)).toBeUndefined()
      expect(await commit(store, { keep: [machine.id] })).toBe(true)
      expect((await store.read()).freezes[0]?.leaseRemainingMs).toBeUndefined()
    })

    test('are confirmed by the clock that ticks while the change waits (catches a lease judged before a wait)', async () => {
      const { store, subject } = current
      const freeze = newFreeze({ leaseMs: 700 })
      await commit(store, { begin: freeze, mode: 'draining' })
      const blocker = await subject.session()
      await blocker.query('BEGIN')
      await blocker.query(`SELECT * FROM ${subject.table('cluster')} FOR UPDATE`)
      const confirming = commit(store, { confirm: [freeze.id], mode: 'read-only' })
      await new Promise((resolve) => setTimeout(resolve, 900))
      await blocker.query('COMMIT')
      expect(await confirming).toBe(false)
      expect((await store.read()).mode).toBe('draining')
    })
  })
}
