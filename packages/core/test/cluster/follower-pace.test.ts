import { expect, test } from 'vitest'
import { pauseUntilBeat } from '../../src/cluster/follower-pace.ts'
import type { FreezeRecord, Snapshot } from '../../src/domain/snapshot.ts'

const pace = { pollIntervalMs: 2000, fastPollIntervalMs: 250 }

function frozen(freeze: Partial<FreezeRecord> = {}): Snapshot {
  const record = { leaseRemainingMs: 15_000, deadlineRemainingMs: undefined, ...freeze } as FreezeRecord
  return { freezes: [record] } as unknown as Snapshot
}

test('is calm while nothing is frozen', () => {
  expect(pauseUntilBeat(pace, { ...frozen(), freezes: [] }, 10)).toBe(2000)
})

test('is fast while the state is not known, and while the node drains', () => {
  expect(pauseUntilBeat(pace, undefined, undefined)).toBe(250)
  expect(pauseUntilBeat(pace, undefined, 60_000)).toBe(250)
  expect(pauseUntilBeat(pace, frozen(), undefined)).toBe(250)
})

test('is more patient the longer ago the node has acked, within its poll interval', () => {
  expect([0, 1000, 10_000, 15_000, 600_000].map((ms) => pauseUntilBeat(pace, frozen(), ms))).toEqual([
    250, 250, 1000, 1500, 2000,
  ])
})

test('is fast again where a holder may be dead, or a deadline is near', () => {
  const patient = 600_000
  expect(pauseUntilBeat(pace, frozen({ leaseRemainingMs: 4001 }), patient)).toBe(2000)
  expect(pauseUntilBeat(pace, frozen({ leaseRemainingMs: 3999 }), patient)).toBe(250)
  expect(pauseUntilBeat(pace, frozen({ leaseRemainingMs: -500 }), patient)).toBe(250)
  expect(pauseUntilBeat(pace, frozen({ leaseRemainingMs: undefined, deadlineRemainingMs: 100 }), patient)).toBe(250)
  expect(pauseUntilBeat(pace, frozen({ leaseRemainingMs: undefined }), patient)).toBe(2000)
})
