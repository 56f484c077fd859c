import { describe, expect, test } from 'vitest'
import { distrust } from '../../src/domain/health.ts'
import type { FreezeRecord, Snapshot } from '../../src/domain/snapshot.ts'
import { type NewFreeze, transition } from '../../src/domain/transition.ts'

const freeze = (id: string, more: Partial<FreezeRecord> = {}): FreezeRecord => ({
  id,
  nonce: `nonce-${id}`,
  kind: 'machine',
  phase: 'read-only',
  epoch: '5',
  database: 'db',
  reason: 'r',
  owner: 'o',
  holder: 'h',
  exempt: {},
  onHolderLost: 'thaw',
  since: new Date(0),
  expectedEnd: undefined,
  leaseRemainingMs: 1000,
  deadlineRemainingMs: undefined,
  drainRemainingMs: 0,
  ...more,
})
const snapshot = (freezes: readonly FreezeRecord[] = [], more: Partial<Snapshot> = {}): Snapshot => ({
  token: { epoch: '9007199254740993', nonce: 'n', database: 'db' },
  mode:
    freezes.length === 0 ? 'read-write' : freezes.some(({ phase }) => phase === 'read-only') ? 'read-only' : 'draining',
  freezes,
  database: 'db',
  primary: true,
  registered: true,
  ...more,
})
const fresh: NewFreeze = {
  id: 'new',
  nonce: 'x',
  kind: 'machine',
  reason: 'r',
  owner: 'o',
  holder: 'h',
  exempt: {},
  onHolderLost: 'thaw',
  leaseMs: 1,
  drainTimeoutMs: 1,
  deadlineMs: undefined,
  expectedEnd: undefined,
}

describe('transitions', () => {
  test('a freeze makes the cluster drain at the next epoch, exactly beyond 2^53', () => {
    expect(transition(snapshot(), { type: 'begin', freeze: fresh })).toMatchObject({
      epoch: '9007199254740994',
      mode: 'draining',
      begin: fresh,
    })
  })

  test('a second freeze leaves a read-only cluster read-only (catches a mode that opens for the newcomer’s drain)', () => {
    expect(transition(snapshot([freeze('a')]), { type: 'begin', freeze: fresh })).toMatchObject({ mode: 'read-only' })
  })

  test('beginning twice changes nothing, so a lost answer can be asked for again', () => {
    expect(transition(snapshot([freeze('new')]), { type: 'begin', freeze: fresh })).toBeUndefined()
  })

  test('ending one of two freezes keeps the cluster read-only (catches a thaw that opens another’s freeze)', () => {
    const ending = { id: 'a', by: 'me', why: 'thawed' } as const
    expect(transition(snapshot([freeze('a'), freeze('b')]), { type: 'end', ending })).toMatchObject({
      mode: 'read-only',
      end: [ending],
    })
    expect(transition(snapshot([freeze('a')]), { type: 'end', ending })).toMatchObject({ mode: 'read-write' })
  })

  test('ending a freeze that is not active changes nothing', () => {
    expect(
      transition(snapshot([freeze('a')]), { type: 'end', ending: { id: 'z', by: 'me', why: 'thawed' } }),
    ).toBeUndefined()
  })

  test('a holder’s lease is taken over after the lock delay, not before', () => {
    const expire = { type: 'expire', by: 'me', lockDelayMs: 500 } as const
    expect(transition(snapshot([freeze('a', { leaseRemainingMs: -499 })]), expire)).toBeUndefined()
    const change = transition(snapshot([freeze('a', { leaseRemainingMs: -500 })]), expire)
    expect(change).toMatchObject({ mode: 'read-write', end: [{ id: 'a', why: 'holder-lost' }] })
    expect(change?.events.map(({ type }) => type)).toContain('takeover')
  })

  test('a freeze that shall stay loses its lease and not its effect', () => {
    const stays = freeze('a', { leaseRemainingMs: -9999, onHolderLost: 'stay' })
    expect(transition(snapshot([stays]), { type: 'expire', by: 'me', lockDelayMs: 0 })).toMatchObject({
      mode: 'read-only',
      keep: ['a'],
      end: [],
    })
  })

  test('a freeze whose maker died before it was complete is undone, whatever it declared', () => {
    const half = freeze('a', { phase: 'draining', kind: 'operator', leaseRemainingMs: -9999, onHolderLost: 'stay' })
    expect(transition(snapshot([half]), { type: 'expire', by: 'me', lockDelayMs: 0 })).toMatchObject({
      mode: 'read-write',
      end: [{ id: 'a' }],
    })
  })

  test('an operator’s freeze has no lease and never expires', () => {
    const forever = freeze('a', { kind: 'operator', leaseRemainingMs: undefined })
    expect(transition(snapshot([forever]), { type: 'expire', by: 'me', lockDelayMs: 0 })).toBeUndefined()
  })

  test('a deadline ends a freeze whose lease is fresh (catches a renewal that moves it)', () => {
    const late = freeze('a', { leaseRemainingMs: 9999, deadlineRemainingMs: 0 })
    expect(transition(snapshot([late]), { type: 'expire', by: 'me', lockDelayMs: 0 })).toMatchObject({
      end: [{ id: 'a', why: 'deadline' }],
    })
  })

  test('adopting another database ends its machine freezes, keeps an operator’s, and goes above every epoch seen', () => {
    const state = snapshot([freeze('m', { database: 'old' }), freeze('o', { database: 'old', kind: 'operator' })], {
      database: 'new',
    })
    expect(transition(state, { type: 'adopt', by: 'me', seenEpoch: '9007199254740999' })).toMatchObject({
      epoch: '9007199254741000',
      mode: 'read-only',
      database: 'new',
      end: [{ id: 'm', why: 'state-lost' }],
    })
  })
})

describe('distrust', () => {
  test('believes a state that follows from its rows', () => {
    expect(distrust(snapshot([freeze('a')]), { epoch: '1', nonce: 'n', database: 'db' })).toBeUndefined()
  })

  test('an epoch that went back, another database and an altered mode are told apart', () => {
    expect(distrust(snapshot(), { epoch: '9007199254740994', nonce: 'n', database: 'db' })).toMatch(/went back/)
    expect(distrust(snapshot([], { database: 'copy' }), undefined)).toMatch(/database is copy/)
    expect(distrust(snapshot([freeze('a')], { mode: 'read-write' }), undefined)).toMatch(/mode is read-write/)
  })
})

describe('the freeze of a run', () => {
  const waiting = { onHolderLost: 'stay', takeoverMs: 5000, leaseRemainingMs: -600 } as const
  const expire = { type: 'expire', by: 'me', lockDelayMs: 500 } as const
  const handover = { id: 'a', nonce: 'fresh', holder: 'taker', leaseMs: 1000 }

  test('that lost its holder waits for another one, and the old nonce is dead (catches a holder that renews after it was given up)', () => {
    const change = transition(snapshot([freeze('a', waiting)]), expire)
    expect(change).toMatchObject({ mode: 'read-only', end: [], keep: [] })
    expect(change?.hand).toMatchObject([{ id: 'a', onHolderLost: 'thaw', leaseMs: 5000 }])
    expect(change?.hand[0]?.nonce).not.toBe('nonce-a')
  })

  test('is thawed when nobody came', () => {
    const change = transition(snapshot([freeze('a', { ...waiting, onHolderLost: 'thaw' })]), expire)
    expect(change).toMatchObject({ mode: 'read-write', end: [{ id: 'a', why: 'holder-lost' }], hand: [] })
  })

  test('is handed over without a change of the mode, at a new epoch, once', () => {
    const change = transition(snapshot([freeze('a')]), { type: 'take-over', handover })
    expect(change).toMatchObject({
      epoch: '9007199254740994',
      mode: 'read-only',
      end: [],
      hand: [{ ...handover, onHolderLost: 'stay' }],
      events: [{ type: 'freeze-taken-over', freezeId: 'a', detail: { by: 'taker', from: 'h' } }],
    })
    expect(transition(snapshot([freeze('a', { nonce: 'fresh' })]), { type: 'take-over', handover })).toBeUndefined()
  })

  test('that is over, or was never complete, is not handed over (catches a resume with a gap)', () => {
    const takeOver = { type: 'take-over', handover } as const
    expect(transition(snapshot(), takeOver)).toBeUndefined()
    expect(transition(snapshot([freeze('a', { phase: 'draining' })]), takeOver)).toBeUndefined()
    expect(transition(snapshot([freeze('a', { deadlineRemainingMs: 0 })]), takeOver)).toBeUndefined()
  })
})
