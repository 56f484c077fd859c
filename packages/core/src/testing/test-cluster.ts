import { createGate } from '../cluster/gate.ts'
import { carryGate } from '../cluster/gate-access.ts'
import type { NodeGate } from '../cluster/node-gate.ts'
import { systemClock } from '../cluster/system-clock.ts'
import { chooseDialect } from '../dialects/choose-dialect.ts'
import { momentOf } from '../domain/clock.ts'
import { QuiesceError } from '../domain/errors.ts'
import type { Exemptions, SkipRules } from '../domain/exemption.ts'
import { createLease } from '../domain/lease.ts'
import type { Enforcement } from '../domain/node-record.ts'
import type { ReadOnlyError } from '../domain/read-only-error.ts'
import type { FreezeRecord } from '../domain/snapshot.ts'
import { createAnalyzer } from '../sql/analyzer.ts'
import { answerOfSkipped } from '../sql/answer-of-skipped.ts'

/** A cluster whose mode a test sets by hand: the real gate, without coordination; pass it where a cluster is wanted. */
export interface TestCluster {
  readonly gate: NodeGate
  /** Everything that is not exempt is refused from now on. */
  freeze(exempt?: Exemptions): void
  /** As the first phase of a freeze: transactions that have written may go on for `graceMs`. */
  drain(graceMs: number): void
  thaw(): void
}

const ONE_HOUR_MS = 3_600_000

/** What a test cluster does besides refusing. */
export interface TestClusterOptions {
  readonly skip?: SkipRules
  readonly enforcement?: Enforcement
  readonly onReported?: (error: ReadOnlyError) => void
}

/** Makes a read-write cluster that speaks the dialect of `database` (a URL); nothing is connected. */
export function createTestCluster(
  database: string,
  exempt: Exemptions = {},
  { skip = {}, enforcement, onReported }: TestClusterOptions = {},
): TestCluster {
  const dialect = chooseDialect(database)
  if (dialect === undefined) throw new QuiesceError('QUIESCE_CONFIG', 'No dialect accepts this database. Give a URL.')
  const lease = createLease(systemClock, ONE_HOUR_MS)
  lease.renewed(momentOf(systemClock))
  const gate = createGate({
    clock: systemClock,
    lease,
    analyze: createAnalyzer(dialect.grammar),
    answerOfSkipped: (sql) => answerOfSkipped(sql, dialect.grammar),
    policy: { exempt, skip, defaultSchema: dialect.defaultSchema },
    enforcement,
    onReported,
    http: { status: 403 },
    outcomeOf: dialect.outcomeOf,
    fenceRefusalOf: dialect.fenceRefusalOf,
    ready: () => Promise.resolve(),
  })
  let freezes = 0
  const record = (phase: FreezeRecord['phase'], drainRemainingMs: number, more: Exemptions): FreezeRecord => ({
    ...template,
    id: `freeze-${++freezes}`,
    phase,
    drainRemainingMs,
    exempt: more,
  })
  const cluster: TestCluster = {
    gate,
    freeze: (more = {}) => gate.apply({ mode: 'read-only', freezes: [record('read-only', 0, more)] }, true),
    drain: (graceMs) => gate.apply({ mode: 'draining', freezes: [record('draining', graceMs, {})] }, true),
    thaw: () => gate.apply({ mode: 'read-write', freezes: [] }, true),
  }
  cluster.thaw()
  return carryGate(cluster, gate)
}

const template: FreezeRecord = {
  id: '',
  nonce: 'nonce',
  kind: 'operator',
  phase: 'read-only',
  epoch: '7',
  database: 'test',
  reason: 'a test',
  owner: 'test',
  holder: 'node-1',
  exempt: {},
  onHolderLost: 'thaw',
  since: new Date(0),
  expectedEnd: undefined,
  leaseRemainingMs: undefined,
  deadlineRemainingMs: undefined,
  drainRemainingMs: 0,
}
