import { createGate, type NodeGate } from '../../../packages/core/src/cluster/gate.ts'
import { carryGate } from '../../../packages/core/src/cluster/gate-access.ts'
import type { Dialect } from '../../../packages/core/src/dialects/dialect.ts'
import { postgresDialect } from '../../../packages/core/src/dialects/postgres/postgres-dialect.ts'
import { type Clock, momentOf } from '../../../packages/core/src/domain/clock.ts'
import type { Exemptions } from '../../../packages/core/src/domain/exemption.ts'
import { createLease } from '../../../packages/core/src/domain/lease.ts'
import type { FreezeRecord } from '../../../packages/core/src/domain/snapshot.ts'
import { createAnalyzer } from '../../../packages/core/src/sql/analyzer.ts'

/** A cluster whose mode the test sets by hand: the real gate, without coordination. */
export interface TestCluster {
  readonly gate: NodeGate
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
export function createTestCluster(exempt: Exemptions = {}, dialect: Dialect = postgresDialect): TestCluster {
  const lease = createLease(clock, 3_600_000)
  lease.renewed(momentOf(clock))
  const gate = createGate({
    clock,
    lease,
    analyze: createAnalyzer(dialect.grammar),
    exempt,
    defaultSchema: dialect.defaultSchema,
    http: { status: 403 },
    outcomeOf: dialect.outcomeOf,
    ready: () => Promise.resolve(),
  })
  const cluster: TestCluster = {
    gate,
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
