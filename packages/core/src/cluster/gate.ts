import type { Gate, GateMode, Outcome, Session, Ticket } from '../domain/admission.ts'
import type { Clock } from '../domain/clock.ts'
import type { Exemptions } from '../domain/exemption.ts'
import type { Lease } from '../domain/lease.ts'
import type { Mode } from '../domain/mode.ts'
import { ReadOnlyError, type RefusalCause, type RefusedWrite } from '../domain/read-only-error.ts'
import type { FreezeRecord } from '../domain/snapshot.ts'
import type { TableWrite } from '../domain/table-write.ts'
import type { Analysis } from '../sql/analysis.ts'
import { Drain, type DrainStatus, type UnknownWrite } from './drain.ts'
import { type Flight, freeTicket, StatementFlight } from './in-flight.ts'
import { contextOf, createRestrictions, type Refusal, type Restrictions } from './restrictions.ts'
import { createSession, type SessionGate } from './session.ts'
import type { TransactionFlight } from './transaction-flight.ts'

/** What a gate is made of. */
export interface GateOptions {
  readonly clock: Clock
  readonly lease: Lease
  readonly analyze: (sql: string) => Analysis
  readonly exempt: Exemptions
  readonly defaultSchema: string | undefined
  readonly http: { readonly status: number | 'auto' }
  readonly outcomeOf: (error: unknown) => Outcome
  /** Joins the cluster if nobody has; resolves when the node knows the mode. */
  readonly ready: () => Promise<void>
  readonly onRefused?: (error: ReadOnlyError) => void
  readonly onExempt?: (writes: readonly TableWrite[], because: 'exempt' | 'grace') => void
}

/** The state of the cluster as a node applies it. */
export interface AppliedState {
  readonly mode: Mode
  readonly freezes: readonly FreezeRecord[]
}

/** The gate with the side that only the follower of its node may touch. */
export interface NodeGate extends Gate {
  /**
   * Applies a state that was read from the database; from this moment no protected write that it forbids is admitted.
   *
   * `continuous` tells that the node's lease never lapsed since the state before: only then may transactions that have
   * written go on; after a lapse the cluster may have stopped waiting for them.
   */
  apply(state: AppliedState, continuous: boolean): void
  /** Refuses writes because the node cannot vouch for the mode any more. */
  shut(because: 'lease-lost' | 'state-lost'): void
  /** Refuses writes for good; transactions that have written may go on for `graceMs`. */
  close(graceMs: number): void
  /** What is still in flight that the applied state forbids. */
  drain(): DrainStatus
  /** Called whenever a drain may have come to its end. */
  onDrainProgress: () => void
  /** Protected writes that ended without the server's answer. */
  unknownWrites(): readonly UnknownWrite[]
  /** A barrier has passed: these are not alive in the server any more. */
  forgetUnknown(gone: readonly UnknownWrite[]): void
}

/** Makes the gate of one node, shut until a state is applied. */
export function createGate(options: GateOptions): NodeGate {
  return new ClusterGate(options)
}

class ClusterGate implements NodeGate, SessionGate {
  readonly analyze: (sql: string) => Analysis
  readonly outcomeOf: (error: unknown) => Outcome
  onDrainProgress: () => void = () => {}
  readonly #options: GateOptions
  readonly #clock: Clock
  readonly #lease: Lease
  readonly #drain: Drain
  readonly #listeners = new Set<(mode: GateMode) => void>()
  #mode: GateMode = 'starting'
  #shutBecause: RefusalCause | undefined
  #restrictions: Restrictions

  constructor(options: GateOptions) {
    this.#options = options
    this.#clock = options.clock
    this.#lease = options.lease
    this.analyze = options.analyze
    this.outcomeOf = options.outcomeOf
    this.#restrictions = createRestrictions([], options.exempt, options.defaultSchema)
    this.#drain = new Drain(options.clock, (trace) => {
      const analysis = typeof trace === 'string' ? this.analyze(trace) : trace
      return this.#restrictions.refusalOf(analysis) !== undefined
    })
  }

  get mode(): GateMode {
    return this.#mode === 'read-write' && !this.#lease.isFresh() ? 'read-only' : this.#mode
  }

  get isStarting(): boolean {
    return this.#mode === 'starting'
  }

  whenReady(sql: string): Promise<void> {
    return this.#mode !== 'starting' || this.analyze(sql).kind === 'read' ? Promise.resolve() : this.#options.ready()
  }

  openSession(): Session {
    return createSession(this)
  }

  nowMs(): number {
    return this.#clock.monotonicMs()
  }

  admit(sql: string): Ticket {
    const now = this.#clock.monotonicMs()
    if (!this.#isOpenAt(now) && !this.#admitRestricted(sql)) return freeTicket
    const flight = new StatementFlight(sql, now, this.landed)
    this.#drain.add(flight)
    return flight
  }

  admitInTransaction(sql: string, transaction: TransactionFlight): void {
    const now = this.#clock.monotonicMs()
    if (this.#isOpenAt(now) && !transaction.aborted) return
    this.#refuseIfOverstayed(transaction, now)
    const grace = this.#hasGrace(transaction)
    if (grace && this.#mode === 'closed') return
    this.#admitRestricted(sql, grace ? transaction.graceFor : undefined)
  }

  admitCommit(transaction: TransactionFlight): void {
    const now = this.#clock.monotonicMs()
    if (this.#isOpenAt(now) && !transaction.aborted) return
    this.#refuseIfOverstayed(transaction, now)
    if (this.#hasGrace(transaction)) return
    if (!this.#drain.holdsProtectedWrite(transaction)) return
    // It wrote while the mode was read-write and nobody vouches for the mode now: once refused, it can't come back.
    transaction.aborted = true
    throw this.#refusalError({ write: { operation: 'commit' }, freeze: this.#restrictions.freezes[0] })
  }

  opened(transaction: TransactionFlight): void {
    this.#drain.add(transaction)
  }

  readonly landed = (flight: Flight, outcome: Outcome): void => {
    if (this.#drain.land(flight, outcome)) this.onDrainProgress()
  }

  apply(state: AppliedState, continuous: boolean): void {
    const known = this.#restrictions.freezes
    const newIds = state.freezes.filter(({ id }) => !known.some((freeze) => freeze.id === id)).map(({ id }) => id)
    this.#restrictions = createRestrictions(state.freezes, this.#options.exempt, this.#options.defaultSchema)
    if (this.#mode === 'closed') return
    this.#shutBecause = undefined
    if (state.mode === 'read-write') this.#drain.lift()
    else this.#drain.impose(newIds, continuous ? graceMs(state.freezes) : 0, () => this.onDrainProgress())
    this.#setMode(state.mode)
  }

  shut(because: 'lease-lost' | 'state-lost'): void {
    if (this.#mode === 'closed') return
    this.#shutBecause = because
    this.#setMode('read-only')
  }

  close(graceMs: number): void {
    this.#shutBecause = 'closed'
    this.#drain.impose([], graceMs, () => this.onDrainProgress())
    this.#setMode('closed')
  }

  drain(): DrainStatus {
    return this.#drain.status()
  }

  unknownWrites(): readonly UnknownWrite[] {
    return this.#drain.unknownWrites()
  }

  forgetUnknown(gone: readonly UnknownWrite[]): void {
    this.#drain.forgetUnknown(gone)
    this.onDrainProgress()
  }

  refusedColumns(write: TableWrite): readonly string[] | 'all' | undefined {
    return this.#restrictions.refusedColumns(write)
  }

  mentions(table: string, schema?: string): boolean {
    return this.#restrictions.mentions(table, schema)
  }

  refuse(write: RefusedWrite): ReadOnlyError {
    return this.#refusalError({ write, freeze: this.#restrictions.freezes[0] })
  }

  onModeChange(listener: (mode: GateMode) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #isOpenAt(now: number): boolean {
    return this.#mode === 'read-write' && this.#lease.isFreshAt(now, this.#clock.wallMs())
  }

  /** True when the statement is an exempt write, which is counted; false for a read; throws when it is refused. */
  #admitRestricted(sql: string, grace?: ReadonlySet<string>): boolean {
    const analysis = this.analyze(sql)
    const refusal = this.#restrictions.refusalOf(analysis, grace)
    if (refusal !== undefined) throw this.#refusalError(refusal)
    if (analysis.kind !== 'write') return false
    this.#options.onExempt?.(analysis.writes, grace === undefined ? 'exempt' : 'grace')
    return true
  }

  #hasGrace(transaction: TransactionFlight): boolean {
    const vouched = this.#shutBecause === undefined || this.#shutBecause === 'closed'
    return transaction.graceUntilMs !== undefined && vouched && this.#lease.isFresh()
  }

  #refuseIfOverstayed(transaction: TransactionFlight, now: number): void {
    const until = transaction.graceUntilMs
    if (until !== undefined && now >= until) transaction.aborted = true
    if (!transaction.aborted) return
    const freeze = this.#restrictions.freezes[0]
    throw this.#error({ operation: 'transaction' }, freeze, 'drain-deadline')
  }

  #refusalError({ write, freeze }: Refusal): ReadOnlyError {
    const frozen = this.#mode === 'draining' || this.#mode === 'read-only'
    const because = this.#shutBecause ?? (frozen ? 'freeze' : 'lease-lost')
    return this.#error(write, freeze, because)
  }

  #error(write: RefusedWrite, freeze: FreezeRecord | undefined, because: RefusalCause): ReadOnlyError {
    const error = new ReadOnlyError(write, contextOf(freeze, because, this.#options.http, this.#clock.wallMs()))
    this.#options.onRefused?.(error)
    return error
  }

  #setMode(mode: GateMode): void {
    const changed = this.#mode !== mode
    this.#mode = mode
    if (changed) for (const listener of this.#listeners) listener(mode)
  }
}

/** How long transactions that have written may go on: until the first of the freezes that still drain loses patience. */
function graceMs(freezes: readonly FreezeRecord[]): number {
  const draining = freezes.filter(({ phase }) => phase === 'draining')
  return draining.length === 0 ? 0 : Math.max(0, Math.min(...draining.map(({ drainRemainingMs }) => drainRemainingMs)))
}
