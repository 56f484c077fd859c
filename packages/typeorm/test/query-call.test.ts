import { describe, expect, it } from 'vitest'
import { readQueryCall } from '../src/query-call.ts'

describe('readQueryCall', () => {
  const callback = (): void => {}
  const other = (): void => {}

  it.each([
    { args: ['SELECT 1'], shape: 'promise', sql: 'SELECT 1' },
    { args: ['SELECT $1', [1]], shape: 'promise', sql: 'SELECT $1' },
    { args: [{ text: 'SELECT 1' }], shape: 'promise', sql: 'SELECT 1' },
    { args: ['SELECT 1', callback], shape: 'callback', sql: 'SELECT 1' },
    { args: ['SELECT $1', [1], callback], shape: 'callback', sql: 'SELECT $1' },
    { args: [{ text: 'SELECT 1', callback }], shape: 'callback', sql: 'SELECT 1' },
    { args: [{ text: 'SELECT 1', submit: callback }], shape: 'submittable', sql: 'SELECT 1' },
    { args: [{ cursor: { text: 'SELECT 1' }, submit: callback }], shape: 'submittable', sql: 'SELECT 1' },
  ])('reads $shape from $args', ({ args, shape, sql }) => {
    expect(readQueryCall(args)).toMatchObject({ shape, sql })
  })

  it.each([[[{ name: 'prepared', values: [1] }]], [[undefined]], [[{ submit: callback }]]])(
    'never takes a statement that it cannot see for a read: %o',
    (args) => {
      expect(readQueryCall(args).sql).toBe('unseen statement')
    },
  )

  it.each([
    { args: ['SELECT $1', [1], callback], replaced: ['SELECT $1', [1], other] },
    { args: ['SELECT 1', callback], replaced: ['SELECT 1', other] },
    { args: [{ text: 'SELECT 1', callback }], replaced: [{ text: 'SELECT 1', callback: other }] },
  ])('replaces the callback of $args', ({ args, replaced }) => {
    const call = readQueryCall(args)
    expect(call.shape === 'callback' && call.argsWith(other)).toEqual(replaced)
  })
})
