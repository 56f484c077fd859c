import { hostname } from 'node:os'
import type { Dialect } from '../dialects/dialect.ts'
import type { Clock } from '../domain/clock.ts'
import type { SqlExecutor } from '../domain/executor.ts'
import { createLease } from '../domain/lease.ts'
import { type Logger, silentLogger } from '../domain/logger.ts'
import type { CoordinationStore } from '../domain/store.ts'
import { type AnalyzerOptions, createAnalyzer } from '../sql/analyzer.ts'
import { answerOfSkipped } from '../sql/answer-of-skipped.ts'
import { type Alerts, createAlerts } from './alert.ts'
import { assembleFences, type Fences } from './assemble-fences.ts'
import type { EventHub } from './events.ts'
import { createFollower, type Follower } from './follower.ts'
import { createFreezer, type Freezer } from './freezer.ts'
import { createGate } from './gate.ts'
import { createLocker, type Locker } from './lock.ts'
import type { NodeGate } from './node-gate.ts'
import { identityOf } from './node-identity.ts'
import type { Operations } from './operations.ts'
import type { ResolvedOptions } from './options.ts'
import { createOwnFreezes } from './own-freezes.ts'
import { createRecovery, type Recovery } from './recovery.ts'
import { monitorRecovery } from './recovery-monitor.ts'
import { fenceFindings } from './run/fence-findings.ts'
import { watchLostRuns } from './run/lost-runs.ts'
import { createPasses, type Passes } from './run/passes.ts'
import { runContents } from './run/run-contents.ts'
import { createRunner, type Runner } from './run/runner.ts'
import { systemClock } from './system-clock.ts'
import { createUnknownWrites } from './unknown-writes.ts'
import { createWatch } from './watch.ts'
import { createWouldRefuse, type WouldRefuse } from './would-refuse.ts'

/** The running parts of one process. */
export interface Parts {
  readonly options: ResolvedOptions
  readonly store: CoordinationStore
  /** What an unqualified table name means. */
  readonly defaultSchema: string | undefined
  readonly clock: Clock
  readonly logger: Logger
  readonly gate: NodeGate
  readonly events: EventHub
  readonly operations: Operations
  readonly follower: Follower
  readonly freezer: Freezer
  readonly locker: Locker
  readonly fences: Fences
  readonly runner: Runner
  readonly alerts: Alerts
  /** What this process calls itself when nobody says otherwise. */
  readonly owner: string
  readonly wouldRefuse: WouldRefuse
  /** Asks the server which grammar it speaks, where the URL does not tell. */
  readonly learnGrammar: () => Promise<void>
  /** Set by the cluster: joins when a guarded write comes first. */
  readonly demand: { join: () => Promise<void> }
}

const REAP_AFTER_LEASES = 10

/** Wires the parts; nothing runs yet. */
export function assemble(options: ResolvedOptions, dialect: Dialect): Parts {
  const clock = options.clock ?? systemClock
  const logger = options.logger ?? silentLogger
  const demand: Parts['demand'] = { join: async () => {} }
  const defaultSchema = options.defaultSchema ?? dialect.defaultSchema
  const owner = `${hostname()} pid ${process.pid}`
  const { namespace, schema, tablePrefix, synchronousCommit, connectionTimeoutMs, statementTimeoutMs, poolSize } =
    options

  const watch = createWatch(clock, options.logger, () => ({ namespace, nodeId: follower.nodeId }))
  const { events, operations } = watch
  const lease = createLease(clock, options.nodeLeaseMs)
  const connection = {
    applicationName: `quiesce ${options.application}`,
    connectionTimeoutMs,
    statementTimeoutMs,
    poolSize,
    // Who has no notifications has a pooler between, or none of its own connections to spare.
    ownSessions: options.listen,
  }
  const executor = dialect.connect(options.database, connection)
  const store = dialect.createStore(executor, { namespace, location: { schema, tablePrefix }, synchronousCommit })
  const judging = analyzerOptions(options)
  let { grammar } = dialect
  let analyzer = createAnalyzer(grammar, judging)
  const wouldRefuse = createWouldRefuse(clock, logger, events)
  const passes = createPasses()
  const gate = createGate({
    clock,
    lease,
    analyze: (sql) => analyzer(sql),
    answerOfSkipped: (sql) => answerOfSkipped(sql, grammar),
    policy: { exempt: options.exempt, skip: options.skip, defaultSchema },
    enforcement: options.enforcement,
    fenceRefusalOf: dialect.fenceRefusalOf,
    belt: options.belt === false ? undefined : dialect.belt,
    http: options.http,
    outcomeOf: dialect.outcomeOf,
    ready: () => demand.join(),
    onRefused: (error) => events.emit('refused', error),
    onWarning: (message, error) => events.emit('warning', { message, error }),
    passing: passes.current,
    onReported: (error) => wouldRefuse.report(error),
    onSkipped: ({ operation, table }) => events.emit('skipped', { operation, table }),
    onExempt: (writes, because) => events.emit('exempt', { writes, because }),
  })
  const fences = assembleFences(options, dialect, executor, { store, clock, events, logger, defaultSchema })
  const alerts = createAlerts(
    events,
    () => ({ namespace, application: options.application, nodeId: nodeId() }),
    options.alerts,
  )
  const recovery = assembleRecovery(options, { store, clock, events, fences, alerts })
  const { pollIntervalMs, fastPollIntervalMs } = options
  const identity = identityOf(options)
  const unknownWrites = createUnknownWrites(store, gate, clock, options.writeBoundMs)
  const own = createOwnFreezes()
  const follower = createFollower({
    store,
    gate,
    lease,
    clock,
    events,
    recovery,
    unknownWrites,
    identity,
    holders: own,
    pollIntervalMs,
    fastPollIntervalMs,
  })
  const nodeId = (): string => follower.nodeId
  const freezer = createFreezer({
    store,
    clock,
    options,
    logger,
    defaultSchema,
    guarantee: dialect.guarantee,
    nodeId,
    own,
    fences,
    watch: watch.freezes,
    refresh: () => follower.refresh(),
  })
  const locker = createLocker({ store, clock, settings: options.lock, nodeId, owner, watch: watch.locks })
  const runner = assembleRunner(
    dialect,
    { options, executor, defaultSchema, passes, fences, nodeId, owner },
    { store, clock, freezer, locker },
  )
  const learnGrammar = async (): Promise<void> => {
    grammar = (await dialect.grammarOf?.(executor)) ?? dialect.grammar
    if (grammar !== dialect.grammar) analyzer = createAnalyzer(grammar, judging)
  }
  gate.onModeChange((mode) => events.emit('mode', { mode, epoch: follower.snapshot?.token.epoch }))
  const running = { gate, events, operations, follower, freezer, locker, runner, alerts, fences, wouldRefuse }
  return { options, defaultSchema, store, clock, logger, ...running, owner, learnGrammar, demand }
}

function analyzerOptions({ sql: { functions, strict } }: ResolvedOptions): AnalyzerOptions {
  return {
    functions: strict ? 'allow' : 'deny',
    harmlessFunctions: functions.harmless,
    effectfulFunctions: functions.effectful,
  }
}

function assembleRecovery(
  { lockDelayMs, freezeLeaseMs, nodeLeaseMs, writeBoundMs, escalateAfterMs }: ResolvedOptions,
  { store, clock, events, fences, alerts }: Pick<Parts, 'store' | 'clock' | 'events' | 'fences' | 'alerts'>,
): Recovery {
  // Never before a freeze has waited a silent node out.
  const reapAfterMs = Math.max(REAP_AFTER_LEASES * nodeLeaseMs, 2 * (nodeLeaseMs + writeBoundMs))
  const times = { lockDelayMs, freezeLeaseMs, reapAfterMs }
  const recovery = createRecovery({ store, fences: fences.janitor, clock, events, ...times })
  const watched = watchLostRuns({ runs: store.runs, clock, alerts, leaseMs: freezeLeaseMs, recovery })
  return monitorRecovery({ recovery: watched, events, alerts, clock, escalateAfterMs, freezeLeaseMs, lockDelayMs })
}

function assembleRunner(
  dialect: Dialect,
  own: Pick<Parts, 'options' | 'fences' | 'owner'> & {
    readonly executor: SqlExecutor
    readonly defaultSchema: string | undefined
    readonly passes: Passes
    readonly nodeId: () => string
  },
  parts: Pick<Parts, 'store' | 'clock' | 'freezer' | 'locker'>,
): Runner {
  const { options, executor, defaultSchema, passes, fences, nodeId, owner } = own
  return createRunner({
    ...{ ...parts, executor, passes, nodeId, owner },
    leaseMs: options.freezeLeaseMs,
    pollMs: options.fastPollIntervalMs,
    lockPauseMs: options.lock.maxRetryIntervalMs,
    ...runContents(dialect, executor, options.exempt, defaultSchema),
    present: fences.present,
    fenceFindings: fenceFindings({ options, defaultSchema, fencer: fences.fencer }),
  })
}
