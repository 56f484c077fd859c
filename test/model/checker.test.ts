import { describe, expect, it } from 'vitest'
import { explore, type Machine } from './checker.ts'

/** A counter that doubles or adds one, up to 20; at 13 it is caught for ever, and from 12 there is no other way. */
const counter: Machine<{ n: number }> = {
  initial: { n: 1 },
  steps: ({ n }) =>
    n === 13
      ? []
      : [
          ...(2 * n <= 20 ? [{ name: 'double', world: { n: 2 * n } }] : []),
          ...(n < 20 ? [{ name: 'add', world: { n: n + 1 }, event: n === 19 ? 'full' : undefined }] : []),
          ...(n === 20 ? [{ name: 'again', world: { n: 1 } }] : []),
        ],
}
const never = { name: 'never', broken: () => false }

describe('the checker', () => {
  it('visits each world once', () => {
    expect(explore(counter, [never], { limit: 100 })).toEqual({ states: 20, violation: undefined })
  })

  it('gives a shortest way to a world that must not be', () => {
    const notTen = { name: 'not ten', broken: ({ n }: { n: number }) => n === 10 }
    const { violation } = explore(counter, [never, notTen], { limit: 100 })
    expect(violation).toEqual({ invariant: 'not ten', trace: ['double', 'double', 'add', 'double'] })
  })

  it('judges steps, not only worlds', () => {
    const notFull = { name: 'not full', broken: (_: unknown, event: string | undefined) => event === 'full' }
    expect(explore(counter, [notFull], { limit: 100 }).violation?.trace.at(-1)).toBe('add')
  })

  it('finds the world from which a goal cannot be reached any more', () => {
    const goal = { name: 'back to one', reached: ({ n }: { n: number }) => n === 1 }
    const { violation } = explore(counter, [never], { limit: 100, goal })
    expect(violation).toEqual({ invariant: 'back to one', trace: ['double', 'add', 'double', 'double'] })
  })

  it('refuses to judge a model that has outgrown its bound', () => {
    expect(() => explore(counter, [never], { limit: 10 })).toThrow('more than 10 states')
  })
})
