import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseName } from '@quiesce/test-servers'
import { check, type Evidence, type Violation } from './checker.ts'
import type { Fault } from './faults/fault.ts'
import { readHistory } from './history.ts'
import { playRound } from './play-round.ts'
import { seededRandom } from './random.ts'
import type { Grant, ResolvedFreeze, Round } from './round.ts'
import type { TruthEvent } from './truth/truth.ts'
import { startWorld, type World } from './world.ts'

/** What a run shall do. */
export interface ChaosPlan {
  readonly kind: DatabaseName
  readonly seed: number
  /** Each strikes once, in this order, and over again until the time is up. */
  readonly faults: readonly Fault[]
  readonly minutes: number
  /** At least so many rounds, however long they take. */
  readonly rounds: number
  /** Where the histories are kept. */
  readonly directory: string
}

/** What came of a run. */
export interface ChaosResult {
  readonly violations: readonly Violation[]
  readonly rounds: readonly Round[]
  readonly writes: number
  readonly commits: number
  readonly grants: number
  /** Rounds and the shortest evidence, for a person. */
  readonly report: string
}

/** Runs the plan; the directory is left only where something was violated. */
export async function runChaos(plan: ChaosPlan): Promise<ChaosResult> {
  const { kind, seed, directory } = plan
  rmSync(directory, { recursive: true, force: true })
  const world = await startWorld(kind, seededRandom(seed), directory)
  let evidence: Evidence
  try {
    evidence = await play(world, plan)
  } finally {
    await world.close()
  }
  const violations = check(evidence)
  const { rounds, history, truth, grants } = evidence
  const report = reportOf(plan, rounds, violations)
  if (violations.length === 0) rmSync(directory, { recursive: true, force: true })
  else writeFileSync(join(directory, 'evidence.json'), JSON.stringify({ violations, ...evidence }, undefined, 1))
  const commits = truth.filter((event) => event.kind === 'entry').length
  return { violations, rounds, writes: history.length, commits, grants: grants.length, report }
}

async function play(world: World, { faults, minutes, rounds: atLeast, directory, seed }: ChaosPlan): Promise<Evidence> {
  const until = performance.now() + minutes * 60_000
  const offset = seed % 2
  const rounds: Round[] = []
  const truth: TruthEvent[] = []
  while (rounds.length < Math.max(atLeast, faults.length) || performance.now() < until) {
    const number = rounds.length
    const [lap, at] = [Math.floor(number / faults.length), number % faults.length]
    const fault = faults[at] as Fault
    // Each fault meets both: what a freeze with a fence promises, and what one without does.
    const round = await playRound(world, fault, { number, fenced: (at + lap + offset) % 2 === 0 })
    appendFileSync(join(directory, 'rounds.log'), `${lineOf(round)}\n`)
    rounds.push(round)
    truth.push(...(await world.truth.read()))
  }
  // Nobody writes any more: killed, so that no statement is on its way.
  await world.quiet()
  truth.push(...(await world.truth.read()))
  const present = (await world.query('SELECT id FROM entry')).map(({ id }) => String(id))
  return { rounds, truth, present, ...readLogs(directory) }
}

function readLogs(directory: string): Pick<Evidence, 'history' | 'grants'> {
  const texts = readdirSync(directory).map((file) => [file, readFileSync(join(directory, file), 'utf8')] as const)
  const history = texts.flatMap(([file, text]) => (file.endsWith('.attempts') ? readHistory(writerOf(file), text) : []))
  const grants = texts.flatMap(([file, text]) => (file.endsWith('.grants') ? readGrants(text) : []))
  return { history, grants }
}

/** Each start of a member has a file of its own, `prisma-0.attempts`. */
function writerOf(file: string): string {
  return file.replace(/(-\d+)?\.attempts$/, '')
}

function readGrants(text: string): readonly Grant[] {
  const grants = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Grant)
  return [...new Map(grants.map((grant) => [`${grant.holder} ${grant.token}`, grant])).values()]
}

function reportOf({ kind, seed }: ChaosPlan, rounds: readonly Round[], violations: readonly Violation[]): string {
  const shortest = [...violations].sort((a, b) => a.timeline.length - b.timeline.length).slice(0, 3)
  const found = shortest.map(({ property, what, timeline }) => `${property}: ${what}\n    ${timeline.join('\n    ')}`)
  return [`chaos on ${kind}, seed ${seed}, ${violations.length} violations`, ...rounds.map(lineOf), ...found].join('\n')
}

function lineOf({ number, fault, freeze, failure, recovery, thawMs, tookMs }: Round): string {
  const outcome = freeze === undefined ? `no freeze: ${failure?.slice(0, 160)}` : inWords(freeze)
  const { missing, orphans } = recovery
  const back =
    recovery.afterMs === undefined
      ? `never back (${[...missing, ...orphans].join('; ').slice(0, 600)})`
      : `back after ${recovery.afterMs.toFixed(0)} ms`
  const thaw = thawMs === undefined ? 'no thaw' : `thawed in ${thawMs.toFixed(0)} ms`
  return `  ${number} ${fault}: ${outcome}; ${thaw}; ${back}; ${tookMs.toFixed(0)} ms in all`
}

function inWords({ guarantee, timings }: ResolvedFreeze): string {
  const { seenMs, ackedMs, drainedMs, totalMs } = timings
  const parts = [seenMs, ackedMs, drainedMs].map((ms) => ms.toFixed(0)).join(', ')
  return `${guarantee} in ${totalMs.toFixed(0)} ms (seen, acked, drained: ${parts})`
}
