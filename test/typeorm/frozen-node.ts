import { randomUUID } from 'node:crypto'
import { createGate } from '../../packages/core/src/cluster/gate.ts'
import { carryGate } from '../../packages/core/src/cluster/gate-access.ts'
import type { NodeGate } from '../../packages/core/src/cluster/node-gate.ts'
import { systemClock } from '../../packages/core/src/cluster/system-clock.ts'
import type { Dialect } from '../../packages/core/src/dialects/dialect.ts'
import { postgresDialect } from '../../packages/core/src/dialects/postgres/postgres-dialect.ts'
import type { Exemptions, SkipRules } from '../../packages/core/src/domain/exemption.ts'
import { createLease } from '../../packages/core/src/domain/lease.ts'
import type { FreezePhase } from '../../packages/core/src/domain/mode.ts'
import type { Enforcement } from '../../packages/core/src/domain/node-record.ts'
import type { ReadOnlyError } from '../../packages/core/src/domain/read-only-error.ts'
import type { FreezeRecord } from '../../packages/core/src/domain/snapshot.ts'
import { createAnalyzer } from '../../packages/core/src/sql/analyzer.ts'
import { answerOfSkipped } from '../../packages/core/src/sql/answer-of-skipped.ts'

/** One node with the real gate, whose follower is played by the test. */
export interface FrozenNode {
  readonly cluster: object
  readonly gate: NodeGate
  readonly freezeId: string
  /** Every refusal that was counted. */
  readonly refusals: readonly ReadOnlyError[]
  /** Everything that a node that only reports would have refused. */
  readonly reported: readonly ReadOnlyError[]
  readonly warnings: readonly string[]
  /** Joins, in read-write mode. */
  join(): void
  /** Flips to draining; what has written may go on for `drainMs`. */
  beginFreeze(drainMs?: number): void
  /** Resolves when nothing that the freeze forbids is in flight any more. */
  drained(): Promise<void>
  /** Draining, drained, read-only. */
  freeze(drainMs?: number): Promise<void>
  thaw(): void
}

/** What a node lets pass. */
export interface NodePolicy {
  readonly exempt?: Exemptions | undefined
  readonly skip?: SkipRules | undefined
  readonly enforcement?: Enforcement | undefined
  readonly belt?: boolean | undefined
}

/** Makes a node that is still joining. */
export function createFrozenNode(
  { exempt = {}, skip = {}, enforcement, belt = false }: NodePolicy = {},
  dialect: Dialect = postgresDialect,
  defaultSchema: string | undefined = dialect.defaultSchema,
): FrozenNode {
  const freezeId = randomUUID()
  let joined: () => void = () => {}
  const ready = new Promise<void>((resolve) => {
    joined = resolve
  })
  const refusals: ReadOnlyError[] = []
  const reported: ReadOnlyError[] = []
  const warnings: string[] = []
  const lease = createLease(systemClock, 3_600_000)
  const gate = createGate({
    clock: systemClock,
    lease,
    analyze: createAnalyzer(dialect.grammar),
    answerOfSkipped: (sql) => answerOfSkipped(sql, dialect.grammar),
    policy: { exempt, skip, defaultSchema: defaultSchema },
    enforcement,
    fenceRefusalOf: dialect.fenceRefusalOf,
    belt: belt ? dialect.belt : undefined,
    onWarning: (message) => warnings.push(message),
    onReported: (error) => reported.push(error),
    http: { status: 'auto' },
    outcomeOf: dialect.outcomeOf,
    ready: () => ready,
    onRefused: (error) => refusals.push(error),
  })
  let drainUntilMs = 0
  const frozen = (phase: FreezePhase, drainMs: number): void => {
    drainUntilMs = systemClock.monotonicMs() + drainMs
    gate.apply({ mode: phase, freezes: [freezeRecord(freezeId, phase, drainMs)] }, true)
  }
  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      // A follower applies what it reads at each tick.
      const ticks = setInterval(() => {
        if (gate.mode === 'draining') frozen('draining', drainUntilMs - systemClock.monotonicMs())
        check()
      }, 25)
      ticks.unref()
      const check = (): void => {
        const { inFlight, unknown } = gate.drain()
        if (inFlight + unknown > 0 && gate.mode === 'draining') return
        clearInterval(ticks)
        if (inFlight + unknown === 0) resolve()
      }
      gate.onDrainProgress = check
      check()
    })
  return {
    cluster: carryGate({}, gate),
    gate,
    freezeId,
    refusals,
    reported,
    warnings,
    join() {
      lease.renewed({ monotonicMs: systemClock.monotonicMs(), wallMs: systemClock.wallMs() })
      gate.apply({ mode: 'read-write', freezes: [] }, true)
      joined()
    },
    beginFreeze: (drainMs = 5000) => frozen('draining', drainMs),
    drained,
    async freeze(drainMs = 5000) {
      frozen('draining', drainMs)
      await drained()
      frozen('read-only', 0)
    },
    thaw: () => gate.apply({ mode: 'read-write', freezes: [] }, true),
  }
}

function freezeRecord(id: string, phase: FreezePhase, drainRemainingMs: number): FreezeRecord {
  return {
    id,
    nonce: 'nonce',
    kind: 'operator',
    phase,
    epoch: '7',
    database: 'test',
    reason: 'migration to the new cluster',
    owner: 'test',
    holder: 'node',
    exempt: {},
    onHolderLost: 'thaw',
    since: new Date('2026-11-25T10:00:00Z'),
    expectedEnd: new Date(Date.now() + 60_000),
    leaseRemainingMs: undefined,
    deadlineRemainingMs: undefined,
    drainRemainingMs,
  }
}
