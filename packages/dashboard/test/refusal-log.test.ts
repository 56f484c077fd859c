import { expect, test } from 'vitest'
import { createRefusalLog } from '../src/refusal-log.ts'

const MINUTE_MS = 60_000

test('counts by table and ten seconds, the most refused first, and forgets after ten minutes', () => {
  const log = createRefusalLog()
  log.add('card', 5000)
  for (const at of [12_000, 13_000, 29_000]) log.add('orders', at)
  const now = log.read(29_999)
  expect(now.tables.map(({ table, total }) => [table, total])).toEqual([
    ['orders', 3],
    ['card', 1],
  ])
  expect(now.tables[0]?.counts.slice(-3)).toEqual([0, 2, 1])
  expect(log.read(10 * MINUTE_MS + 9999).total).toBe(3)
  expect(log.read(10 * MINUTE_MS + 10_000).total).toBe(1)
  expect(log.read(10 * MINUTE_MS + 20_000).total).toBe(0)
})

test('stays small whatever names arrive (catches a log that grows with its input)', () => {
  const log = createRefusalLog()
  for (let index = 0; index < 1000; index++) log.add(`table_${index}`, 1000)
  const { tables, total } = log.read(1000)
  expect(tables.length).toBeLessThanOrEqual(101)
  expect(total).toBe(1000)
})
