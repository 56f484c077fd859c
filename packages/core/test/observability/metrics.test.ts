import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createEventHub } from '../../src/cluster/events.ts'
import { createOperations } from '../../src/cluster/operations.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import { ReadOnlyError } from '../../src/domain/read-only-error.ts'
import { COUNTERS, GAUGES, HISTOGRAMS, namesOf } from '../../src/observability/metrics.ts'
import { createNameBound } from '../../src/observability/name-bound.ts'
import { recordEvents } from '../../src/observability/recorder.ts'

const source = () => ({ namespace: 'test', nodeId: 'node' })

describe('labels', () => {
  test('have a bounded number of values (catches a time series per table of the day)', () => {
    const bound = createNameBound(2)
    expect(['a', 'b', 'a', 'c', 'd', 'b'].map(bound)).toEqual(['a', 'b', 'a', '(other)', '(other)', 'b'])
  })

  test('of refusals are bounded', () => {
    const tables = new Set<string | undefined>()
    const events = createEventHub(silentLogger, source)
    const sink = {
      add: (_: string, attributes: Readonly<Record<string, string>>) =>
        void tables.add(attributes['db.collection.name']),
      record: () => {},
    }
    const stop = recordEvents({ on: events.on }, 'test', sink)
    for (let i = 0; i < 1000; i += 1) {
      events.emit(
        'refused',
        new ReadOnlyError({ operation: 'insert', table: `t${i}` }, { because: 'freeze', status: 403 }),
      )
    }
    expect(tables.size).toBe(201)
    stop()
    events.emit(
      'refused',
      new ReadOnlyError({ operation: 'insert', table: 'late' }, { because: 'freeze', status: 403 }),
    )
    expect(tables.has('late')).toBe(false)
  })
})

test('what is lost, taken over or fails is counted', () => {
  const counted: string[] = []
  const events = createEventHub(silentLogger, source)
  recordEvents({ on: events.on }, 'test', {
    add: (metric, { 'quiesce.reason': reason }) =>
      void counted.push(reason === undefined ? metric : `${metric} ${reason}`),
    record: (metric, seconds, attributes) =>
      void counted.push(`${metric} ${seconds} ${attributes['quiesce.outcome'] ?? attributes['error.type']}`),
  })
  const subject = { freezeId: 'f', kind: 'machine', reason: 'x', owner: 'o' } as const
  events.emit('lease-lost', { nodeId: 'node' })
  events.emit('state-lost', { why: 'x' })
  events.emit('takeover', { freezeIds: ['a', 'b'] })
  events.emit('lock-lost', { name: 'l', token: '1', heldMs: 1 })
  events.emit('lock-acquired', { name: 'l', token: '2', waitedMs: 2000, takenOverFrom: 'other' })
  events.emit('freeze-lost', { ...subject, heldMs: 3000 })
  events.emit('freeze-failed', { ...subject, afterMs: 1000, error: new TypeError('x') })
  events.emit('thawed', { freezeId: 'of another process', why: 'forced', heldMs: undefined })
  expect(counted).toEqual([
    'quiesce.node.lost lease-lost',
    'quiesce.node.lost state-lost',
    'quiesce.freeze.takeover',
    'quiesce.freeze.takeover',
    'quiesce.lock.lost',
    'quiesce.lock.wait.duration 2 undefined',
    'quiesce.lock.takeover',
    'quiesce.freeze.duration 3 lost',
    'quiesce.freeze.lost',
    'quiesce.freeze.duration 1 failed',
  ])
})

test('the page describes every metric, and no other', () => {
  const page = readFileSync(new URL('../../../../docs/observability.md', import.meta.url), 'utf8')
  const described = [...page.matchAll(/^\| `(quiesce\.[\w.]+)`/gm)].map(([, name]) => name)
  expect(described.sort()).toEqual([...namesOf(COUNTERS), ...namesOf(HISTOGRAMS), ...namesOf(GAUGES)].sort())
})

describe('operations', () => {
  test('run inside every wrapper, and by themselves when there is none', async () => {
    const operations = createOperations(source)
    const seen: string[] = []
    const stop = operations.around(async ({ operation }, work) => {
      seen.push(operation)
      return work()
    })
    expect(await operations.perform('freeze', {}, async () => 7)).toBe(7)
    stop()
    expect(await operations.perform('thaw', {}, async () => 8)).toBe(8)
    expect(seen).toEqual(['freeze'])
  })
})
