import { fileURLToPath } from 'node:url'
import type { DatabaseName } from '@quiesce/test-servers'
import { describe, expect, test } from 'vitest'
import { databases } from '../support/database.ts'
import { faults } from './faults/all.ts'
import type { Fault } from './faults/fault.ts'
import { seededRandom } from './random.ts'
import { runChaos } from './run-chaos.ts'

/** `pnpm chaos` sets them. */
const SEED = Number(process.env['QUIESCE_CHAOS_SEED'] ?? 1)
const MINUTES = Number(process.env['QUIESCE_CHAOS_MINUTES'] ?? 0)
const ROUNDS = Number(process.env['QUIESCE_CHAOS_ROUNDS'] ?? 0)
const ONLY = process.env['QUIESCE_CHAOS_FAULTS']

/** Whether each database has all faults, or its share of them. */
const isOwn = MINUTES + ROUNDS > 0

/** Short runs share the faults among the databases; long ones have all of them on each. */
function faultsOf(kind: DatabaseName, index: number): readonly Fault[] {
  const chosen = faults.filter(({ name }) => ONLY === undefined || ONLY.split(';').includes(name))
  const shuffled = seededRandom(SEED + (isOwn ? index : 0)).shuffle(chosen)
  const can = (fault: Fault, database: DatabaseName): boolean => fault.databases?.includes(database) !== false
  if (isOwn) return shuffled.filter((fault) => can(fault, kind))
  // Each goes to one of those on which it can happen.
  return shuffled.filter((fault, at) => {
    const able = databases.filter((database) => can(fault, database))
    return able[at % able.length] === kind
  })
}

describe.concurrent('chaos', () => {
  test.each(databases.map((kind, index) => ({ kind, index })))(
    'on $kind nothing slips through, whatever fails',
    async ({ kind, index }) => {
      const directory = fileURLToPath(new URL(`./runs/${kind}-${SEED}/`, import.meta.url))
      const result = await runChaos({
        kind,
        seed: SEED + index,
        faults: faultsOf(kind, index),
        minutes: MINUTES,
        rounds: ROUNDS,
        directory,
      })
      console.log(
        `${result.report}\n  ${result.writes} writes tried, ${result.commits} committed, ${result.grants} grants`,
      )
      expect(result.violations.map(({ property, what }) => `${property}: ${what}`)).toEqual([])
      // On a machine that is busy enough some freezes are undone, which is no violation; without any, nothing was judged.
      expect(result.rounds.some(({ freeze }) => freeze !== undefined)).toBe(true)
      expect(result.commits).toBeGreaterThan(result.rounds.length)
    },
    900_000 + MINUTES * 90_000 + ROUNDS * 30_000,
  )
})
