import type { RecordedEvent } from '@quiesce/core'
import { expect, test } from 'vitest'
import { freezeStories } from '../src/freeze-stories.ts'

const at = (seconds: number): Date => new Date(seconds * 1000)
const event = (type: string, freezeId: string, seconds: number, detail = {}): RecordedEvent => ({
  type,
  freezeId,
  at: at(seconds),
  epoch: '1',
  node: 'n',
  detail,
})

test('tells each freeze with the time of its phases: one that is active, one that was undone, one that ended', () => {
  const events = [
    event('frozen', 'c', 31),
    event('freeze-begun', 'c', 30, { reason: 'third', owner: 'ada' }),
    event('thawed', 'b', 24, { why: 'aborted' }),
    event('freeze-begun', 'b', 20, { reason: 'second', owner: 'bob' }),
    event('thawed', 'a', 15, { why: 'thawed' }),
    event('frozen', 'a', 12),
    event('freeze-begun', 'a', 10, { reason: 'first', owner: 'eve' }),
    event('thawed', 'older', 1, { why: 'thawed' }),
  ]
  expect(freezeStories(events, at(40))).toMatchObject([
    { id: 'c', reason: 'third', owner: 'ada', drainMs: 1000, frozenMs: 9000, ended: undefined },
    { id: 'b', drainMs: 4000, frozenMs: undefined, ended: 'aborted' },
    { id: 'a', drainMs: 2000, frozenMs: 3000, ended: 'thawed' },
  ])
})
