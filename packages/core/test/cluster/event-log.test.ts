import { describe, expect, test } from 'vitest'
import { logEvents } from '../../src/cluster/event-log.ts'
import { createEventHub } from '../../src/cluster/events.ts'
import type { Logger } from '../../src/domain/logger.ts'
import { ReadOnlyError } from '../../src/domain/read-only-error.ts'
import { createFakeClock } from '../../src/testing/fake-clock.ts'

const refusal = (table: string): ReadOnlyError =>
  new ReadOnlyError({ operation: 'insert', table }, { because: 'freeze', status: 403 })
const source = () => ({ namespace: 'test', nodeId: 'node' })

function logged() {
  const lines: { readonly data: Record<string, unknown>; readonly message: string }[] = []
  const write = (data: object, message: string): void => void lines.push({ data: { ...data }, message })
  const logger: Logger = { debug: write, info: write, warn: write, error: write }
  const clock = createFakeClock()
  const events = createEventHub(logger, source)
  logEvents(events, logger, clock)
  return { lines, clock, events }
}

describe('the log of refusals', () => {
  test('has a line per table in ten seconds and says how many it left out (catches a log that a write storm floods)', () => {
    const { lines, clock, events } = logged()
    for (let i = 0; i < 1000; i += 1) events.emit('refused', refusal('orders'))
    events.emit('refused', refusal('users'))
    expect(lines.map(({ data }) => [data['table'], data['leftOut']])).toEqual([
      ['orders', 0],
      ['users', 0],
    ])
    clock.advance(10_000)
    events.emit('refused', refusal('orders'))
    expect(lines.at(-1)?.data).toMatchObject({ table: 'orders', leftOut: 999 })
  })

  test('tells what was left out when the writes are back', () => {
    const { lines, events } = logged()
    for (let i = 0; i < 5; i += 1) events.emit('refused', refusal('orders'))
    events.emit('mode', { mode: 'read-write', epoch: '3' })
    expect(lines.at(-1)).toEqual({ data: { leftOut: 4 }, message: 'more writes were refused than were told of' })
  })

  test('remembers a bounded number of tables', () => {
    const { lines, events } = logged()
    for (let i = 0; i < 3000; i += 1) events.emit('refused', refusal(`t${i}`))
    expect(lines).toHaveLength(3000)
    events.emit('refused', refusal('t0'))
    expect(lines).toHaveLength(3001)
  })
})

test('a logger that throws disturbs neither listeners nor who emits (catches a refusal that turns into an error of the log)', () => {
  const broken = (): never => {
    throw new Error('the transport has ended')
  }
  const logger: Logger = { debug: broken, info: broken, warn: broken, error: broken }
  const events = createEventHub(logger, source)
  logEvents(events, logger, createFakeClock())
  const seen: string[] = []
  events.on('refused', ({ table }) => void seen.push(table ?? ''))
  events.emit('refused', refusal('orders'))
  expect(seen).toEqual(['orders'])
})
