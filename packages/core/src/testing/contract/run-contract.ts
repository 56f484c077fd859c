import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { NewRun, ProofStatement } from '../../domain/run.ts'
import { enterRun, type RunState } from '../../domain/run-transition.ts'
import { commit, newFreeze } from './builders.ts'
import { migratedSubject } from './migrated.ts'
import type { StoreSubject } from './store-subject.ts'

/** Runs, their leases, and what their holders prove. */
export function describeRuns(make: () => Promise<StoreSubject>): void {
  describe('runs', () => {
    const current = migratedSubject(make)
    const state = enterRun([{ name: `it's "one" ☃`, weight: 2, afterThaw: false }])
    const newRun = (changes: Partial<NewRun> = {}): NewRun => ({
      id: randomUUID(),
      nonce: randomUUID(),
      name: 'move',
      reason: 'why',
      owner: 'ann',
      holder: randomUUID(),
      onHolderLost: 'resume',
      leaseMs: 20_000,
      takeoverMs: 5000,
      state,
      ...changes,
    })
    const begun = async (changes: Partial<NewRun> = {}): Promise<NewRun> => {
      const run = newRun(changes)
      await current.store.runs.begin(run)
      return run
    }
    const save = (to: Partial<RunState>) => ({
      state: { ...state, ...to },
      freezeId: undefined,
      event: { type: 'run-phase', detail: { to: to.phase } },
    })
    const taker = { nonce: randomUUID(), holder: randomUUID(), leaseMs: 20_000 }
    const expireLease = ({ id }: NewRun): Promise<unknown> =>
      current.subject.plain.query(
        `UPDATE ${current.subject.table('run')} SET lease_until = ${current.subject.product.past} WHERE id = '${id}'`,
      )

    test('come back as they were recorded, the newest first, with a line in the trail', async () => {
      const { store } = current
      const run = await begun()
      expect(await store.runs.find(run.id)).toMatchObject({
        ...{ id: run.id, nonce: run.nonce, name: 'move', reason: 'why', owner: 'ann', holder: run.holder },
        ...{ onHolderLost: 'resume', takeoverMs: 5000, takeovers: 0, progress: 0, state, cancel: undefined },
      })
      expect((await store.events(1))[0]).toMatchObject({ type: 'run-begun', detail: { run: run.id, name: 'move' } })
      const second = await begun()
      expect((await store.runs.list(10)).map(({ id }) => id)).toEqual([second.id, run.id])
      expect(await current.subject.store({ namespace: 'other' }).runs.list(10)).toEqual([])
    })

    test('are written by their holder only, and their progress never goes back (catches a save without its nonce)', async () => {
      const { runs } = current.store
      const { id, nonce } = await begun()
      expect(await runs.beat(id, nonce, 40)).toMatchObject({ cancel: undefined })
      expect(await runs.beat(id, nonce, 30)).toBeDefined()
      expect(await runs.beat(id, randomUUID(), 90)).toBeUndefined()
      expect(await runs.save(id, randomUUID(), save({ phase: 'lock' }))).toBe(false)
      expect(await runs.save(id, nonce, save({ phase: 'lock', baseline: { a: ['1'] } }))).toBe(true)
      expect(await runs.find(id)).toMatchObject({ progress: 40, state: { phase: 'lock', baseline: { a: ['1'] } } })
      expect(await runs.save(id, nonce, save({ phase: 'ended', outcome: 'done' }))).toBe(true)
      expect(await runs.find(id)).toMatchObject({ progress: 100, leaseRemainingMs: undefined })
      expect(await runs.save(id, nonce, save({ phase: 'thaw' }))).toBe(false)
      expect(await runs.beat(id, nonce, 1)).toBeUndefined()
    })

    test('are taken over by one, and only when their lease is over (catches a takeover from a living holder)', async () => {
      const { runs } = current.store
      const run = await begun()
      expect(await runs.takeOver(run.id, run.nonce, taker)).toBe(false)
      await expireLease(run)
      expect(await runs.beat(run.id, run.nonce, 1)).toBeUndefined()
      const takers = Array.from({ length: 4 }, () => ({ ...taker, nonce: randomUUID() }))
      const done = await Promise.all(takers.map((one) => runs.takeOver(run.id, run.nonce, one)))
      expect(done.filter(Boolean)).toHaveLength(1)
      expect(await runs.find(run.id)).toMatchObject({ nonce: takers[done.indexOf(true)]?.nonce, takeovers: 1 })
      expect(await runs.save(run.id, run.nonce, save({ phase: 'lock' }))).toBe(false)
    })

    test('are cancelled by anybody, which their holder hears, until they have ended', async () => {
      const { runs } = current.store
      const { id, nonce } = await begun()
      expect(await runs.cancel(id, { by: 'bob', reason: 'first' })).toBe(true)
      expect(await runs.cancel(id, { by: 'eve', reason: 'second' })).toBe(true)
      expect(await runs.beat(id, nonce, 1)).toMatchObject({ cancel: { by: 'bob', reason: 'first' } })
      expect(await runs.end(id, 'cancelled', { by: 'bob', reason: 'done' })).toBe(true)
      expect(await runs.find(id)).toMatchObject({ state: { phase: 'ended', outcome: 'cancelled', error: 'done' } })
      expect(await runs.cancel(id, { by: 'bob', reason: 'late' })).toBe(false)
    })

    test('that nobody took over are recorded as lost once, after their takeover time', async () => {
      const { runs } = current.store
      const [alive, patient, lost] = [await begun(), await begun({ takeoverMs: 86_400_000 }), await begun()]
      await expireLease(patient)
      await expireLease(lost)
      expect(await runs.endLost('bob')).toEqual([lost.id])
      expect(await runs.endLost('bob')).toEqual([])
      expect(await runs.find(lost.id)).toMatchObject({ state: { outcome: 'lost' } })
      expect(await runs.find(alive.id)).toMatchObject({ state: { outcome: undefined } })
    })

    test('are not taken over while a transaction that has proved its holder is open (catches a proof that locks nothing)', async () => {
      const { runs } = current.store
      const run = await begun()
      const statements = runs.proof(run.id, run.nonce, undefined, 60_000)
      if (statements === undefined) return
      const session = await current.subject.session()
      await session.query('BEGIN')
      for (const statement of statements) expect(await session.query(literal(statement))).toHaveLength(1)
      await expireLease(run)
      expect(await runs.takeOver(run.id, run.nonce, taker)).toBe(false)
      await session.query('COMMIT')
      expect(await runs.takeOver(run.id, run.nonce, taker)).toBe(true)
      const [last] = statements.slice(-1)
      expect(last && (await session.query(literal(last)))).toEqual([])
    })

    test('prove nothing any more when their freeze has run out, and whoever has proved before is waited for (catches a late commit beside the writes that came back)', async () => {
      const { store } = current
      const [run, freeze] = [await begun(), newFreeze()]
      const statements = store.runs.proof(run.id, run.nonce, undefined, 60_000)
      if (statements === undefined) return
      await store.ensureCluster()
      expect(await commit(store, { begin: freeze })).toBe(true)
      await store.runs.save(run.id, run.nonce, { ...save({ phase: 'steps' }), freezeId: freeze.id })
      const prove = async (): Promise<number> => {
        let rows = 0
        for (const statement of statements) rows = (await session.query(literal(statement))).length
        return rows
      }
      const session = await current.subject.session()
      await session.query('BEGIN')
      expect(await prove()).toBe(1)
      // A holder that is alive keeps its proof.
      expect(await store.runs.closeProofs([freeze.id])).toBe(true)
      await session.query('COMMIT')
      await session.query('BEGIN')
      expect(await prove()).toBe(1)
      const { subject } = current
      await subject.plain.query(
        `UPDATE ${subject.table('freeze')} SET lease_until = ${subject.product.past} WHERE id = '${freeze.id}'`,
      )
      expect(await store.runs.closeProofs([freeze.id])).toBe(false)
      await session.query('COMMIT')
      expect(await store.runs.closeProofs([freeze.id])).toBe(true)
      expect(await prove()).toBe(0)
      expect(await store.runs.closeProofs([freeze.id])).toBe(true)
    })
  })
}

/** The parameters in the text, as plain sessions take them; they are UUIDs and numbers. */
function literal({ sql, parameters }: ProofStatement): string {
  let next = 0
  return sql.replaceAll(/\$(\d)|\?/g, (_, index) => {
    const at = index === undefined ? next++ : Number(index) - 1
    return `'${parameters[at]}'`
  })
}
