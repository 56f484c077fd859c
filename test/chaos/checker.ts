import type { Attempt } from './history.ts'
import type { Grant, Round } from './round.ts'
import type { TruthEvent } from './truth/truth.ts'

/** Everything that a run has seen. */
export interface Evidence {
  readonly history: readonly Attempt[]
  /** In the order of commits. */
  readonly truth: readonly TruthEvent[]
  /** The rows that are there at the end, asked for with a query. */
  readonly present: readonly string[]
  readonly rounds: readonly Round[]
  readonly grants: readonly Grant[]
}

/** `S…`: something bad happened; `L…`: something good did not; `T`: the evidence itself is not whole. */
export type Property = 'S1' | 'S2' | 'S3' | 'L1' | 'L2' | 'T'

/** A property that does not hold, with what shows it. */
export interface Violation {
  readonly property: Property
  readonly what: string
  /** The shortest sequence that shows it, one happening a line. */
  readonly timeline: readonly string[]
}

/** Says what does not hold; empty when everything does. */
export function check(evidence: Evidence): readonly Violation[] {
  return [
    ...checkFrozen(evidence),
    ...checkLocks(evidence.grants),
    ...checkOutcomes(evidence),
    ...checkRecovery(evidence.rounds),
    ...checkTruth(evidence),
  ]
}

/** S1: nothing protected commits between a freeze that resolved and its end. */
function checkFrozen({ history, truth, rounds }: Evidence): readonly Violation[] {
  const violations: Violation[] = []
  const writers = new Map(history.flatMap((attempt) => attempt.ids.map((id) => [id, attempt] as const)))
  const byFreeze = new Map(rounds.flatMap((round) => (round.freeze === undefined ? [] : [[round.freeze.id, round]])))
  let frozen: Round | undefined
  let mode = 'read-write'
  let epoch = 0
  const endUnlessFrozen = (): void => {
    if (frozen === undefined || mode !== 'read-write') return
    if (!frozen.mayLoseFreeze) violations.push(lostFreeze(frozen))
    frozen = undefined
  }
  for (const event of truth) {
    if (event.kind === 'mark') {
      frozen = event.mark === 'resolved' ? byFreeze.get(event.freeze) : undefined
      endUnlessFrozen()
    } else if (event.kind === 'mode') {
      // An epoch that goes back is no transition: whoever set it back has not given the writes back.
      if (event.epoch !== undefined && event.epoch < epoch) continue
      epoch = event.epoch ?? epoch
      mode = event.mode
      endUnlessFrozen()
    } else if (frozen !== undefined) {
      const attempt = writers.get(event.id)
      if (!isExcused(frozen, attempt)) violations.push(lateCommit(frozen, event.id, attempt))
    }
  }
  return violations
}

/**
 * A fence knows no exception. An acknowledged freeze has those that the documentation states: programs without a guard,
 * a statement that was under way in a process that was paused or cut off, and a node whose row somebody has deleted, until
 * it notices.
 */
function isExcused({ freeze, mayBeLate, unknownUntil = 0 }: Round, attempt: Attempt | undefined): boolean {
  if (freeze?.guarantee !== 'acknowledged' || attempt === undefined) return false
  if (isForeign(attempt.writer)) return true
  if (attempt.startedAt < unknownUntil) return true
  return mayBeLate.includes(attempt.writer) && attempt.startedAt < freeze.resolvedAt
}

/** Whether a writer has no guard. */
function isForeign(writer: string): boolean {
  return writer.startsWith('foreign')
}

function lateCommit(round: Round, id: string, attempt: Attempt | undefined): Violation {
  const { freeze, fault, number } = round
  const who = attempt === undefined ? 'a writer without a history' : attempt.writer
  const at = (ms: number | undefined): string => (ms === undefined ? 'never' : `${ms.toFixed(1)} ms`)
  return {
    property: 'S1',
    what: `round ${number} (${fault}): ${who} committed ${id} in a freeze that is ${freeze?.guarantee}`,
    timeline: [
      `${at(attempt?.startedAt)}: ${who} begins to write ${attempt?.ids.join(', ') ?? id}`,
      `${at(freeze?.resolvedAt)}: freeze ${freeze?.id} resolves`,
      `in the log, behind the mark of that freeze and before its end: ${id} is committed`,
      `${at(attempt?.endedAt)}: the attempt ends: ${attempt?.outcome ?? 'unknown'}`,
    ],
  }
}

function lostFreeze({ number, fault, freeze }: Round): Violation {
  return {
    property: 'S2',
    what: `round ${number} (${fault}): freeze ${freeze?.id} ended although its holder was well and had not thawed it`,
    timeline: [`freeze ${freeze?.id} resolves`, 'in the log: the mode is read-write', 'no thaw was asked for'],
  }
}

/** S2: tokens of a lock only grow, no two grants share one, and no holder is told "held" after a later grant. */
function checkLocks(grants: readonly Grant[]): readonly Violation[] {
  const violations: Violation[] = []
  for (const [index, earlier] of grants.entries()) {
    for (const later of grants.slice(index + 1)) {
      if (later.lock !== earlier.lock) continue
      const [first, second] = earlier.grantedAt <= later.grantedAt ? [earlier, later] : [later, earlier]
      const what = contradiction(first, second)
      if (what === undefined) continue
      const timeline = [first, second].map(
        ({ holder, token, grantedAt, lastHeldAt }) =>
          `${grantedAt.toFixed(1)} ms: ${holder} is granted token ${token}; last told that it holds at ${lastHeldAt?.toFixed(1) ?? 'no time'}`,
      )
      violations.push({ property: 'S2', what: `lock ${first.lock}: ${what}`, timeline })
    }
  }
  return violations
}

function contradiction(first: Grant, second: Grant): string | undefined {
  if (first.token === second.token) return `token ${first.token} was granted twice`
  // Two answers may overtake each other on their way; each holder has asked for itself since.
  if (BigInt(second.token) < BigInt(first.token)) {
    return (second.lastHeldAt ?? 0) > first.grantedAt ? `token ${second.token} held behind ${first.token}` : undefined
  }
  if ((first.lastHeldAt ?? 0) > second.grantedAt) return `token ${first.token} still held behind ${second.token}`
  return undefined
}

/** S3: what was acknowledged is there, what was refused is not. */
function checkOutcomes({ history, present, rounds }: Evidence): readonly Violation[] {
  const rows = new Set(present)
  const lapses = rounds.flatMap(({ lapse }) => (lapse === undefined ? [] : [lapse]))
  const mayBeLost = ({ endedAt }: Attempt): boolean =>
    endedAt !== undefined && lapses.some(({ from, until }) => from <= endedAt && endedAt <= until)
  return history.flatMap((attempt) => {
    const { writer, ids, outcome, startedAt, endedAt } = attempt
    const wrong = ids.filter((id) =>
      outcome === 'acknowledged' ? !rows.has(id) && !mayBeLost(attempt) : outcome === 'refused' && rows.has(id),
    )
    if (wrong.length === 0) return []
    const are = outcome === 'acknowledged' ? 'are not there' : 'are there'
    const timeline = [
      `${startedAt.toFixed(1)} ms: ${writer} begins to write ${ids.join(', ')}`,
      `${endedAt?.toFixed(1)} ms: ${outcome}`,
      `at the end: ${wrong.join(', ')} ${are}`,
    ]
    return [{ property: 'S3' as const, what: `${writer}: ${outcome}, but ${wrong.join(', ')} ${are}`, timeline }]
  })
}

/** L1: the cluster comes to the declared state within the bound. L2: nothing is left that nobody holds. */
function checkRecovery(rounds: readonly Round[]): readonly Violation[] {
  return rounds.flatMap(({ number, fault, recovery }) => {
    const { afterMs, boundMs, missing, orphans } = recovery
    const violations: Violation[] = []
    if (afterMs === undefined || afterMs > boundMs) {
      const what = `round ${number} (${fault}): not as declared ${boundMs} ms after the faults`
      violations.push({ property: 'L1', what, timeline: missing })
    }
    if (orphans.length > 0) {
      violations.push({ property: 'L2', what: `round ${number} (${fault}): left behind`, timeline: orphans })
    }
    return violations
  })
}

/** T: the log and the tables tell the same, or nothing that is concluded from the log is worth anything. */
function checkTruth({ truth, present, rounds }: Evidence): readonly Violation[] {
  const marked = new Set(
    truth.flatMap((event) => (event.kind === 'mark' && event.mark === 'resolved' ? [event.freeze] : [])),
  )
  const unmarked = rounds.flatMap(({ freeze }) => (freeze === undefined || marked.has(freeze.id) ? [] : [freeze.id]))
  if (unmarked.length > 0) {
    return [
      { property: 'T', what: `freezes without a mark in the log, so nothing was judged in them`, timeline: unmarked },
    ]
  }
  const logged = truth.flatMap((event) => (event.kind === 'entry' ? [event.id] : []))
  const [inLog, rows] = [new Set(logged), new Set(present)]
  const unlogged = present.filter((id) => !inLog.has(id))
  const gone = [...inLog].filter((id) => !rows.has(id))
  if (unlogged.length === 0 && gone.length === 0 && inLog.size === logged.length) return []
  const what = `the log and the table differ: ${unlogged.length} rows only in the table, ${gone.length} only in the log`
  return [{ property: 'T', what, timeline: [...unlogged, ...gone].slice(0, 10) }]
}
