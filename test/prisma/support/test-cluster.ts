import { createGate } from '../../../packages/core/src/cluster/gate.ts'
import { carryGate } from '../../../packages/core/src/cluster/gate-access.ts'
import type { NodeGate } from '../../../packages/core/src/cluster/node-gate.ts'
import type { Dialect } from '../../../packages/core/src/dialects/dialect.ts'
import { postgresDialect } from '../../../packages/core/src/dialects/postgres/postgres-dialect.ts'
import { type Clock, momentOf } from '../../../packages/core/src/domain/clock.ts'
import type { Exemptions, SkipRules } from '../../../packages/core/src/domain/exemption.ts'
import { createLease } from '../../../packages/core/src/domain/lease.ts'
import type { Enforcement } from '../../../packages/core/src/domain/node-record.ts'
import type { ReadOnlyError } from '../../../packages/core/src/domain/read-only-error.ts'
import type { FreezeRecord } from '../../../packages/core/src/domain/snapshot.ts'
import { createAnalyzer } from '../../../packages/core/src/sql/analyzer.ts'
import { answerOfSkipped } from '../../../packages/core/src/sql/answer-of-skipped.ts'

/** What a test cluster does besides refusing. */
export interface TestPolicy {
  readonly skip?: SkipRules
  readonly enforcement?: Enforcement
  readonly belt?: boolean
}

/** A cluster whose mode the test sets by hand: the real gate, without coordination. */
export interface TestCluster {
  readonly gate: NodeGate
  /** What would have been refused. */
  readonly reported: readonly ReadOnlyError[]
  readonly warnings: readonly string[]
  /** Everything not exempt is refused from now on. */
  freeze(exempt?: Exemptions): void
  /** As the first phase of a freeze: transactions that have written may go on for `graceMs`. */
  drain(graceMs: number): void
  thaw(): void
}

const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  schedule(ms, fn) {
    const timer = setTimeout(fn, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Makes a read-write cluster; pass the result itself as `cluster`. */
export function createTestCluster(
  exempt: Exemptions = {},
  dialect: Dialect = postgresDialect,
  { skip = {}, enforcement, belt = false }: TestPolicy = {},
): TestCluster {
  const reported: ReadOnlyError[] = []
  const warnings: string[] = []
  const lease = createLease(clock, 3_600_000)
  lease.renewed(momentOf(clock))
  const gate = createGate({
    clock,
    lease,
    analyze: createAnalyzer(dialect.grammar),
    answerOfSkipped: (sql) => answerOfSkipped(sql, dialect.grammar),
    policy: { exempt, skip, defaultSchema: dialect.defaultSchema },
    enforcement,
    fenceRefusalOf: dialect.fenceRefusalOf,
    belt: belt ? dialect.belt : undefined,
    onWarning: (message) => warnings.push(message),
    onReported: (error) => reported.push(error),
    http: { status: 403 },
    outcomeOf: dialect.outcomeOf,
    ready: () => Promise.resolve(),
  })
  const cluster: TestCluster = {
    gate,
    reported,
    warnings,
    freeze: (more = {}) => gate.apply({ mode: 'read-only', freezes: [freezeOf('read-only', 0, more)] }, true),
    drain: (graceMs) => gate.apply({ mode: 'draining', freezes: [freezeOf('draining', graceMs, {})] }, true),
    thaw: () => gate.apply({ mode: 'read-write', freezes: [] }, true),
  }
  cluster.thaw()
  return carryGate(cluster, gate)
}

function freezeOf(phase: FreezeRecord['phase'], drainRemainingMs: number, exempt: Exemptions): FreezeRecord {
  return {
    id: 'f1',
    nonce: 'n1',
    kind: 'operator',
    phase,
    epoch: '7',
    database: 'test',
    reason: 'move to eu-2',
    owner: 'test',
    holder: 'node-1',
    exempt,
    onHolderLost: 'thaw',
    since: new Date(),
    expectedEnd: undefined,
    leaseRemainingMs: undefined,
    deadlineRemainingMs: undefined,
    drainRemainingMs,
  }
}
