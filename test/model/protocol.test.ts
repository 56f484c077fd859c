import { describe, expect, it } from 'vitest'
import { type Exploration, explore } from './checker.ts'
import { invariants, plain, protocol, writesComeBack } from './protocol.ts'
import { type Rules, rules } from './rules.ts'
import type { Scenario } from './scenario.ts'

const scenarios = {
  plain,
  'a job that may die': { ...plain, holderDies: true },
  'a node that starts again': { ...plain, lives: 2, thaws: false },
  'a standby that takes over': { ...plain, failover: true, thaws: false, renews: false },
  'two jobs': { ...plain, holders: 2, nodes: 0, writes: 0, holderDies: true },
  'fences, and a program without a guard': {
    ...{ ...plain, nodes: 0, holders: 2, fence: true, foreign: true, boundedWrites: false, holderDies: true },
    times: { ...plain.times, freezeLease: 1, freezeLeaseHere: 1 },
  },
} as const satisfies Readonly<Record<string, Scenario>>

type Name = keyof typeof scenarios

/** Twice what the largest scenario has, so that a change that makes a model explode is noticed. */
const limit = 70_000

function check(scenario: Scenario): Exploration {
  return explore(protocol(scenario), invariants, { limit, goal: writesComeBack })
}

describe('the protocol holds in every order of events', () => {
  for (const name of Object.keys(scenarios).filter((key) => key !== 'plain') as Name[]) {
    it(`with ${name}`, () => {
      const { states, violation } = check(scenarios[name])
      expect(violation).toBeUndefined()
      expect(states).toBeGreaterThan(3000)
    })
  }
})

/** Each rule, where breaking it shows, what breaks, and the length of the shortest way there. */
const broken: readonly (readonly [keyof Rules, Name, string, number])[] = [
  ['waitForAcks', 'plain', 'S1', 10],
  ['waitOutLease', 'plain', 'S1', 11],
  ['ackAfterDrain', 'plain', 'S1', 15],
  ['unknownStaysInFlight', 'plain', 'S1', 16],
  ['registerFirst', 'plain', 'S1', 9],
  ['freshNodeIds', 'a node that starts again', 'S1', 17],
  ['leaseFromSend', 'plain', 'S1', 12],
  ['nodeChecksLease', 'plain', 'S1', 12],
  ['compareAndSet', 'two jobs', 'S2', 6],
  ['identityInToken', 'a standby that takes over', 'S1', 11],
  ['adoptAfterLease', 'a standby that takes over', 'S1', 15],
  ['holderLease', 'a job that may die', 'L1', 2],
  ['endById', 'two jobs', 'S2', 8],
  ['fenceNamedByEpoch', 'fences, and a program without a guard', 'S1', 14],
  ['fenceWaitsForWriters', 'fences, and a program without a guard', 'S1', 7],
  ['janitor', 'fences, and a program without a guard', 'L1', 4],
]

describe('a protocol with one rule broken is found out', () => {
  it('has every rule in the list', () => {
    expect(broken.map(([rule]) => rule).sort()).toEqual(Object.keys(rules).sort())
  })

  for (const [rule, name, invariant, steps] of broken) {
    it(`${rule}: ${invariant} in ${steps} steps`, () => {
      const { violation } = check({ ...scenarios[name], rules: { ...rules, [rule]: false } })
      expect(violation?.invariant.slice(0, 2)).toBe(invariant)
      expect(violation?.trace, violation?.trace.join('\n')).toHaveLength(steps)
    })
  }
})

describe('what the guarantee `acknowledged` leaves open, and only it', () => {
  it('a write that lives longer than the write bound', () => {
    const { violation } = check({ ...plain, boundedWrites: false })
    expect(violation).toMatchInlineSnapshot(`
      {
        "invariant": "S1 no protected write commits in a freeze",
        "trace": [
          "node 1 registers",
          "node 1 sends a heartbeat",
          "the database answers node 1's heartbeat",
          "node 1 applies the answer (read-write)",
          "node 1 admits a write and sends it",
          "a tick",
          "job 1 begins its freeze",
          "a tick",
          "job 1 has the word of every node",
          "job 1 CONFIRMS: its freeze resolves",
          "the write of node 1 reaches the server",
          "the write of node 1 COMMITS",
        ],
      }
    `)
  })

  it('a program without a guard', () => {
    const { violation } = check({ ...plain, nodes: 0, foreign: true })
    expect(violation?.invariant).toMatch(/^S1/)
  })
})
