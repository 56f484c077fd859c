import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { commit, newFreeze, nodeIdentity } from './builders.ts'
import { migratedSubject } from './migrated.ts'
import type { StoreSubject } from './store-subject.ts'

/** Alike to a collation that ignores case, accents, width or trailing blanks. */
const alike = [
  'Jobs',
  'jobs',
  'JOBS',
  'jobs ',
  'jobs  ',
  ' jobs',
  'jóbs',
  'jo\u0301bs',
  'ｊobs',
  'straße',
  'strasse',
  'İ',
  'i',
]
const awkward = [`a'b"c;--`, 'back\\slash', '\\', '%_', '`', '$1 :x ?', 'line\nbreak', '𝕏☃', '/* x */', '\u200b']

/** Texts of all kinds. */
export function describeNames(make: () => Promise<StoreSubject>): void {
  describe('names', () => {
    const current = migratedSubject(make)

    test('that only look alike are different locks, and come back as they were given', async () => {
      const { store } = current
      const names = [...alike, ...awkward, 'x'.repeat(500), `${'x'.repeat(498)}é`]
      for (const name of names) {
        const request = {
          name,
          nonce: randomUUID(),
          holder: randomUUID(),
          owner: name,
          leaseMs: 60_000,
          statementTimeoutMs: 1000,
        }
        expect(await store.acquireLock(request)).toMatchObject({ acquired: true, token: '1' })
        expect(await store.renewLock(name, request.nonce, 60_000)).toBe(true)
      }
      const locks = await store.locks()
      expect(locks.map(({ name }) => name).sort()).toEqual([...names].sort())
      for (const { name, owner } of locks) expect(owner).toBe(name)
    })

    test('that only look alike are different namespaces', async () => {
      const { subject } = current
      for (const namespace of [...alike, ...awkward, 'n'.repeat(200)]) {
        const store = subject.store({ namespace })
        await store.ensureCluster()
        expect(await commit(store, { begin: newFreeze({ reason: namespace }), mode: 'draining' })).toBe(true)
        const snapshot = await store.read()
        expect(snapshot.token.epoch).toBe('2')
        expect(snapshot.freezes.map(({ reason }) => reason)).toEqual([namespace])
        await store.close()
      }
    })

    test('of reasons, owners, hosts and exemptions come back unchanged, however long', async () => {
      const { store } = current
      const long = `${'ä"\'\\`%_?'.repeat(125)}`.slice(0, 1000)
      const freeze = newFreeze({
        reason: long,
        owner: `${long.slice(0, 199)} `,
        exempt: { [long]: [long], 'a?b': true },
      })
      expect(await commit(store, { begin: freeze, mode: 'draining' })).toBe(true)
      const { reason, owner, exempt } = freeze
      expect((await store.read()).freezes).toMatchObject([{ reason, owner, exempt }])
      const node = nodeIdentity({ host: `höst's`, application: awkward.slice(0, 7).join('') })
      await store.join(node)
      expect(await store.nodes()).toMatchObject([node])
      const note = long.repeat(3)
      expect(await commit(store, { end: [{ id: freeze.id, by: long, why: 'forced', note }], mode: 'read-write' })).toBe(
        true,
      )
    })
  })
}
