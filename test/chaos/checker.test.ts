import { describe, expect, test } from 'vitest'
import { check, type Evidence } from './checker.ts'
import { type Attempt, readHistory } from './history.ts'
import type { Grant, Round } from './round.ts'
import type { TruthEvent } from './truth/truth.ts'

const timings = { seenMs: 1, ackedMs: 2, drainedMs: 3, totalMs: 4 }
const attempt = (id: string, more: Partial<Attempt> = {}): Attempt => ({
  writer: 'prisma',
  ids: [id],
  startedAt: 10,
  endedAt: 20,
  outcome: 'acknowledged',
  ...more,
})
const entry = (id: string): TruthEvent => ({ kind: 'entry', id })
const resolved: TruthEvent = { kind: 'mark', mark: 'resolved', freeze: 'f' }
const thawing: TruthEvent = { kind: 'mark', mark: 'thawing', freeze: 'f' }
const readOnly: TruthEvent = { kind: 'mode', mode: 'read-only', epoch: 2 }
const readWrite: TruthEvent = { kind: 'mode', mode: 'read-write', epoch: 3 }
const round = (more: Partial<Round> = {}): Round => ({
  number: 1,
  fault: 'none',
  freeze: { id: 'f', guarantee: 'fenced', resolvedAt: 15, timings },
  mayBeLate: [],
  mayLoseFreeze: false,
  recovery: { afterMs: 100, boundMs: 5000, missing: [], orphans: [] },
  thawMs: 5,
  tookMs: 1000,
  ...more,
})
const acknowledged = (more: Partial<Round> = {}): Round =>
  round({ freeze: { id: 'f', guarantee: 'acknowledged', resolvedAt: 15, timings }, ...more })
const evidence = (more: Partial<Evidence> = {}): Evidence => ({
  history: [attempt('a'), attempt('b')],
  truth: [entry('a'), readOnly, resolved, thawing, readWrite, entry('b')],
  present: ['a', 'b'],
  rounds: [round()],
  grants: [],
  ...more,
})
const late = [entry('a'), readOnly, resolved, entry('b'), thawing]
const found = (more: Partial<Evidence>): readonly string[] => check(evidence(more)).map(({ property }) => property)

test('a run in which everything holds has no violation', () => {
  expect(check(evidence())).toEqual([])
})

describe('S1', () => {
  test('a commit between the marks of a fenced freeze, with its timeline', () => {
    const [violation, ...others] = check(evidence({ truth: late }))
    expect(others).toEqual([])
    expect(violation?.property).toBe('S1')
    expect(violation?.timeline.join('\n')).toMatch(/begins to write b[\s\S]*freeze f resolves[\s\S]*b is committed/)
  })
  test.each([
    ['a paused writer', round({ mayBeLate: ['prisma'] }), attempt('b')],
    ['a program without a guard', round(), attempt('b', { writer: 'foreign' })],
    ['a node whose row was deleted', round({ unknownUntil: 17 }), attempt('b', { startedAt: 16 })],
    ['one that has noticed', acknowledged({ unknownUntil: 16 }), attempt('b', { startedAt: 16 })],
    ['an attempt that nobody wrote down', acknowledged(), attempt('other')],
    ['a writer that nothing happened to', acknowledged({ mayBeLate: ['typeorm'] }), attempt('b')],
    [
      'a paused writer that began after the freeze',
      acknowledged({ mayBeLate: ['prisma'] }),
      attempt('b', { startedAt: 16 }),
    ],
  ])('is not excused for %s', (_, only, one) => {
    expect(found({ truth: late, rounds: [only], history: [attempt('a'), one] })).toContain('S1')
  })
  test.each([
    ['a paused writer that had begun before', acknowledged({ mayBeLate: ['prisma'] }), attempt('b')],
    ['a program without a guard', acknowledged(), attempt('b', { writer: 'foreign' })],
    ['a node whose row was deleted', acknowledged({ unknownUntil: 17 }), attempt('b', { startedAt: 16 })],
  ])('of a freeze that is only acknowledged is excused for %s', (_, only, one) => {
    expect(found({ truth: late, rounds: [only], history: [attempt('a'), one] })).toEqual([])
  })
  test('an epoch that was set back gives no writes back', () => {
    const setBack: TruthEvent = { kind: 'mode', mode: 'read-write', epoch: 1 }
    const truth = [entry('a'), readOnly, resolved, setBack, entry('b'), thawing]
    expect(found({ truth, rounds: [round({ mayLoseFreeze: true })] })).toEqual(['S1'])
  })
  test('ends with the freeze, also when another ended it', () => {
    expect(
      found({
        truth: [entry('a'), readOnly, resolved, readWrite, entry('b')],
        rounds: [round({ mayLoseFreeze: true })],
      }),
    ).toEqual([])
  })
})

describe('S2', () => {
  const grant = (token: string, more: Partial<Grant> = {}): Grant => ({
    lock: 'l',
    holder: `h${token}`,
    token,
    grantedAt: Number(token) * 10,
    lastHeldAt: Number(token) * 10 + 5,
    ...more,
  })
  test('locks that follow each other are fine', () => {
    expect(found({ grants: [grant('1'), grant('2'), grant('10')] })).toEqual([])
  })
  test.each([
    ['the same token twice', [grant('1'), grant('1', { holder: 'other' })]],
    ['a holder that is told "held" after the next grant', [grant('1', { lastHeldAt: 21 }), grant('2')]],
    ['a token that goes backwards', [grant('2', { grantedAt: 5 }), grant('1')]],
    ['tokens compared as text', [grant('9', { grantedAt: 200, lastHeldAt: 210 }), grant('10')]],
  ])('%s', (_, grants) => {
    expect(found({ grants })).toEqual(['S2'])
  })
  test('two locks have nothing to do with each other', () => {
    expect(found({ grants: [grant('1'), grant('1', { lock: 'other' })] })).toEqual([])
  })
  test('a freeze that resolves although it is over', () => {
    expect(found({ truth: [entry('a'), resolved, entry('b')] })).toEqual(['S2'])
    expect(found({ truth: [entry('a'), resolved, entry('b')], rounds: [round({ mayLoseFreeze: true })] })).toEqual([])
  })
  test('a freeze that ends under a healthy holder', () => {
    expect(found({ truth: [entry('a'), readOnly, resolved, readWrite, entry('b')] })).toEqual(['S2'])
  })
})

describe('S3', () => {
  test.each([
    ['an acknowledged write that is not there', { history: [attempt('a'), attempt('b'), attempt('c')] }],
    ['half of an acknowledged transaction', { history: [attempt('a'), attempt('b', { ids: ['b', 'c'] })] }],
    ['a refused write that is there', { history: [attempt('a'), attempt('b', { outcome: 'refused' })] }],
  ] as const)('%s', (_, more) => {
    expect(found(more)).toEqual(['S3'])
  })
  test('what the server was allowed to forget is excused, and nothing that was acknowledged before or after', () => {
    const missing = { history: [attempt('a'), attempt('b'), attempt('c', { endedAt: 30 })] }
    expect(found({ ...missing, rounds: [round({ lapse: { from: 25, until: 35 } })] })).toEqual([])
    expect(found({ ...missing, rounds: [round({ lapse: { from: 31, until: 35 } })] })).toEqual(['S3'])
    expect(found({ ...missing, rounds: [round({ lapse: { from: 20, until: 29 } })] })).toEqual(['S3'])
  })
  test('an unknown outcome may be either', () => {
    const unknown = { outcome: 'unknown', endedAt: undefined } as const
    expect(found({ history: [attempt('a', unknown), attempt('b'), attempt('c', unknown)] })).toEqual([])
  })
})

test('L1: a cluster that does not come back, or too late', () => {
  const recovery = { boundMs: 5000, missing: ['prisma does not write'], orphans: [] }
  expect(found({ rounds: [round({ recovery: { ...recovery, afterMs: undefined } })] })).toEqual(['L1'])
  expect(found({ rounds: [round({ recovery: { ...recovery, afterMs: 5001 } })] })).toEqual(['L1'])
})

test('L2: something that nobody holds any more', () => {
  const recovery = { afterMs: 1, boundMs: 5000, missing: [], orphans: ['fence quiesce_x'] }
  expect(found({ rounds: [round({ recovery })] })).toEqual(['L2'])
})

test('T: a log that tells less, more, or things twice', () => {
  expect(found({ truth: [entry('a'), entry('b')] })).toEqual(['T'])
  expect(found({ truth: [entry('a')], rounds: [] })).toEqual(['T'])
  expect(found({ truth: [entry('a'), entry('b'), entry('c')], rounds: [] })).toEqual(['T'])
  expect(found({ truth: [entry('a'), entry('b'), entry('b')], rounds: [] })).toEqual(['T'])
})

test('the log of a killed process is read up to where it was cut off', () => {
  const lines = [
    { begin: 0, ids: ['a'], at: 1 },
    { begin: 1, ids: ['b'], at: 2 },
    { end: 0, outcome: 'acknowledged', at: 3 },
  ]
  const text = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"end":1,"outc`
  expect(readHistory('w', text)).toEqual([
    { writer: 'w', ids: ['a'], startedAt: 1, endedAt: 3, outcome: 'acknowledged' },
    { writer: 'w', ids: ['b'], startedAt: 2, endedAt: undefined, outcome: 'unknown' },
  ])
})
