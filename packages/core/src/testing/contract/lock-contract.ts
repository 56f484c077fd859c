import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { LockRequest } from '../../domain/store.ts'
import { migratedSubject } from './migrated.ts'
import type { StoreSubject } from './store-subject.ts'

const request = (changes: Partial<LockRequest> = {}): LockRequest => ({
  name: 'job',
  nonce: randomUUID(),
  holder: randomUUID(),
  owner: 'owner',
  leaseMs: 10_000,
  statementTimeoutMs: 1000,
  ...changes,
})

/** Lease locks and row locks. */
export function describeLocks(make: () => Promise<StoreSubject>): void {
  describe('locks', () => {
    const current = migratedSubject(make)

    test('are taken by one of many at once, the first time too (catches a deadlock on a row that is not there)', async () => {
      const { subject } = current
      const stores = Array.from({ length: 8 }, () => subject.store())
      for (const name of ['a', 'b', 'c']) {
        const attempts = await Promise.all(stores.map((store) => store.acquireLock(request({ name }))))
        expect(attempts.filter(({ acquired }) => acquired)).toEqual([
          { acquired: true, token: '1', takenOverFrom: undefined },
        ])
      }
    })

    test('are renewed and released by their nonce only, with a token that only grows', async () => {
      const { store } = current
      const first = request()
      expect(await store.acquireLock(first)).toMatchObject({ acquired: true, token: '1' })
      const held = { name: 'job', token: '1', holder: first.holder, owner: 'owner' }
      expect(await store.acquireLock(request())).toMatchObject({ acquired: false, held })
      expect(await store.locks()).toMatchObject([held])
      expect(await store.renewLock('job', 'another', 1000)).toBe(false)
      expect(await store.releaseLock('job', 'another')).toBe(false)
      expect(await store.renewLock('job', first.nonce, 60_000)).toBe(true)
      expect((await store.locks())[0]?.leaseRemainingMs).toBeGreaterThan(50_000)
      expect(await store.releaseLock('job', first.nonce)).toBe(true)
      expect(await store.releaseLock('job', first.nonce)).toBe(false)
      expect(await store.locks()).toMatchObject([{ name: 'job', token: '1', holder: undefined, acquiredAt: undefined }])
      expect(await store.acquireLock(request())).toEqual({ acquired: true, token: '2', takenOverFrom: undefined })
    })

    test('whose lease is over are taken over by one, and recorded; the old holder can do nothing any more', async () => {
      const { store, subject } = current
      const dead = request()
      await store.acquireLock(dead)
      await subject.plain.query(
        `UPDATE ${subject.table('lock')} SET lease_until = ${subject.product.past}, token = 9007199254740992`,
      )
      expect(await store.renewLock('job', dead.nonce, 10_000)).toBe(false)
      const stores = Array.from({ length: 6 }, () => subject.store())
      const attempts = await Promise.all(stores.map((one) => one.acquireLock(request())))
      expect(attempts.filter(({ acquired }) => acquired)).toEqual([
        { acquired: true, token: '9007199254740993', takenOverFrom: dead.holder },
      ])
      expect(await store.releaseLock('job', dead.nonce)).toBe(false)
      const kept = await subject.plain.query(`SELECT taken_over_from FROM ${subject.table('lock')}`)
      expect(kept).toEqual([{ taken_over_from: dead.holder }])
      const [event] = await store.events(1)
      const detail = { lock: 'job', from: dead.holder, token: '9007199254740993' }
      expect(event).toMatchObject({ type: 'lock-taken-over', detail })
    })

    test.each([120, 1000])(
      'wait for another transaction on the row no longer than %d ms',
      async (statementTimeoutMs) => {
        const { store, subject } = current
        const first = request()
        await store.acquireLock(first)
        await store.releaseLock('job', first.nonce)
        const blocker = await subject.session()
        await blocker.query('BEGIN')
        await blocker.query(`SELECT * FROM ${subject.table('lock')} FOR UPDATE`)
        const startedAt = performance.now()
        expect(await store.acquireLock(request({ statementTimeoutMs }))).toEqual({ acquired: false, held: undefined })
        const waitedMs = performance.now() - startedAt
        expect(waitedMs).toBeGreaterThan(statementTimeoutMs * 0.9)
        expect(waitedMs).toBeLessThan(statementTimeoutMs + 600)
        await blocker.query('COMMIT')
        expect(await store.acquireLock(request())).toMatchObject({ acquired: true, token: '2' })
      },
    )

    test('are freed by holder, by name, or when their lease is over, and each is recorded', async () => {
      const { store, subject } = current
      const holder = randomUUID()
      for (const name of ['a', 'b']) await store.acquireLock(request({ name, holder }))
      for (const name of ['c', 'd', 'e']) await store.acquireLock(request({ name }))
      await subject.plain.query(
        `UPDATE ${subject.table('lock')} SET lease_until = ${subject.product.past} WHERE name = 'c'`,
      )
      expect((await store.releaseLocks({ type: 'dead' }, 'me')).map(({ name }) => name)).toEqual(['c'])
      const ofHolder = await store.releaseLocks({ type: 'holder', holder }, 'me')
      expect(ofHolder.map(({ name }) => name).sort()).toEqual(['a', 'b'])
      expect(await store.releaseLocks({ type: 'name', name: 'd', reason: 'hangs' }, 'me')).toMatchObject([
        { name: 'd' },
      ])
      expect(await store.releaseLocks({ type: 'name', name: 'd', reason: 'hangs' }, 'me')).toEqual([])
      expect((await store.locks()).filter((lock) => lock.holder !== undefined)).toMatchObject([{ name: 'e' }])
      const [event] = await store.events(1)
      expect(event).toMatchObject({
        type: 'lock-released',
        node: 'me',
        detail: { lock: 'd', why: 'name', reason: 'hangs' },
      })
    })

    test('on rows are held by one transaction at a time, and give up as they were told', async () => {
      const { store, subject } = current
      const other = subject.store()
      const outcome = await store.holdRow({ name: 'row', wait: 1000 }, async () => {
        for (const wait of ['nowait', 'skip-locked', 150] as const) {
          const startedAt = performance.now()
          expect(await other.holdRow({ name: 'row', wait }, async () => 1)).toBeUndefined()
          expect(performance.now() - startedAt).toBeLessThan(1000)
        }
        expect(await other.holdRow({ name: 'another row', wait: 'nowait' }, async () => 2)).toEqual({ value: 2 })
        return 3
      })
      expect(outcome).toEqual({ value: 3 })
      const waiting = store.holdRow(
        { name: 'row', wait: 1000 },
        () => new Promise((resolve) => setTimeout(resolve, 300)),
      )
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(await other.holdRow({ name: 'row', wait: 5000 }, async () => 4)).toEqual({ value: 4 })
      await waiting
      const failure = store.holdRow({ name: 'row', wait: 1000 }, () => Promise.reject(new Error('mine')))
      await expect(failure).rejects.toThrow('mine')
      expect(await other.holdRow({ name: 'row', wait: 'nowait' }, async () => 5)).toEqual({ value: 5 })
    })
  })
}
