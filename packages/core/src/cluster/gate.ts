import type { GateMode, Outcome, Session, Ticket, Wanted } from '../domain/admission.ts'
import type { Clock } from '../domain/clock.ts'
import type { Lease } from '../domain/lease.ts'
import type { ReadOnlyError, RefusalCause, RefusedWrite } from '../domain/read-only-error.ts'
import type { TableWrite } from '../domain/table-write.ts'
import type { Analysis } from '../sql/analysis.ts'
import { sessionAccess, wearBelt } from './belt-access.ts'
import { CurrentMode } from './current-mode.ts'
import { Drain, type DrainStatus, type UnknownWrite } from './drain.ts'
import type { AppliedState, GateOptions } from './gate-options.ts'
import { graceMs, NEVER_MS, withAll } from './grace.ts'
import { type Flight, freeTicket, InFlight } from './in-flight.ts'
import { Journal } from './journal.ts'
import type { NodeGate } from './node-gate.ts'
import { OpenGate } from './open-gate.ts'
import { Refusals } from './refusals.ts'
import { asksForTheMode, createRestrictions, type Refusal, type Restrictions } from './restrictions.ts'
import { createSession } from './session.ts'
import type { SessionGate } from './session-gate.ts'
import { skippedTicket } from './skipped-ticket.ts'
import type { TransactionFlight } from './transaction-flight.ts'

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
  readonly #refusals: Refusals
  readonly #lease: Lease
  readonly #inFlight = new InFlight()
  readonly #drain: Drain
  readonly #mode: CurrentMode
  readonly #journal: Journal
  /** Counts what this one has decided on. */
  readonly #open: OpenGate
  #shutBecause: RefusalCause | undefined
  #restrictions: Restrictions

  constructor(options: GateOptions) {
    this.#options = options
    this.#clock = options.clock
    this.#refusals = new Refusals(options, () => this.#restrictions)
    this.#lease = options.lease
    this.analyze = options.analyze
    this.outcomeOf = options.outcomeOf
    this.#restrictions = createRestrictions([], options.policy)
    this.#mode = new CurrentMode(options.clock, options.lease)
    this.#open = new OpenGate(options.analyze, this.#inFlight, this)
    this.#journal = new Journal({ clock: options.clock, mode: this.#mode, gate: this.#open })
    this.#drain = new Drain(this.#inFlight, this.#journal, options, (does, by) =>
      this.#restrictions.refusalOf(does, by),
    )
  }

  get mode(): GateMode {
    if (this.#refusals.reportsOnly && this.#mode.value !== 'starting') return 'read-write'
    return this.#mode.value === 'read-write' && !this.#lease.isFresh() ? 'read-only' : this.#mode.value
  }

  get enforces(): boolean {
    return !this.#refusals.reportsOnly
  }

  get isStarting(): boolean {
    return this.#mode.isStarting
  }

  whenReady(sql: string): Promise<void> {
    if (this.#mode.value !== 'starting' || !asksForTheMode(this.analyze(sql))) return Promise.resolve()
    const joined = this.#options.ready()
    // A node that only reports waits like the others, so that freezes know of it; it refuses nothing when that fails.
    return this.#refusals.reportsOnly ? joined.catch(() => {}) : joined
  }

  openSession(): Session {
    return createSession(this, this.#journal)
  }

  note(sql: string): Ticket | undefined {
    return this.#journal.note(sql, undefined)
  }

  admit(sql: string, wanted?: Wanted): Ticket {
    const now = this.#clock.monotonicMs()
    // A run's own writes are in transactions, which prove their token; what is sent beside them passes nothing.
    const ticket = this.#mode.isOpenAt(now) ? undefined : this.#admitRestricted(sql, undefined, wanted)
    return ticket ?? this.#open.at(now).admit(sql)
  }

  admitInTransaction(sql: string, transaction: TransactionFlight, wanted?: Wanted): Ticket {
    const now = this.#clock.monotonicMs()
    const isFree = this.#mode.isOpenAt(now) && !transaction.aborted
    return isFree ? freeTicket : this.#admitRestrictedIn(transaction, now, sql, wanted)
  }

  #admitRestrictedIn(transaction: TransactionFlight, now: number, sql: string, wanted: Wanted | undefined): Ticket {
    this.#refuseIfOverstayed(transaction, now)
    const grace = this.hasGrace(transaction)
    if (grace && this.#mode.value === 'closed') return freeTicket
    // On MySQL and MariaDB LOCK TABLES commits what the transaction has written.
    if (!grace && this.analyze(sql).kind === 'lock') this.admitCommit(transaction)
    const passes = this.#passing()
    // One that had written before the freeze is waited for, whatever it does now.
    if (passes !== undefined && !grace) transaction.passes = passes
    return this.#admitRestricted(sql, grace ? withAll(transaction.graceFor, passes) : passes, wanted) ?? freeTicket
  }

  admitCommit(transaction: TransactionFlight): void {
    const now = this.#clock.monotonicMs()
    // Where nothing is refused, the statements of the transaction have been told already.
    if (this.#refusals.reportsOnly || (this.#mode.isOpenAt(now) && !transaction.aborted)) return
    this.#refuseIfOverstayed(transaction, now)
    if (this.hasGrace(transaction)) return
    const vouched = transaction.passes === undefined || this.#passing() !== undefined
    if (vouched && !this.#drain.holdsProtectedWrite(transaction)) return
    // It wrote while the mode was read-write and nobody vouches for the mode now: once refused, it can't come back.
    transaction.aborted = true
    this.#refuse({ write: { operation: 'commit' }, freeze: this.#restrictions.freezes[0] })
  }

  openTransaction(): TransactionFlight {
    return this.#open.at(this.#clock.monotonicMs()).openTransaction()
  }

  landed(flight: Flight, outcome: Outcome): void {
    if (this.#drain.land(flight, outcome)) this.onDrainProgress()
  }

  apply(state: AppliedState, continuous: boolean): void {
    const known = this.#restrictions.freezes
    const newIds = state.freezes.filter(({ id }) => !known.some((freeze) => freeze.id === id)).map(({ id }) => id)
    this.#restrictions = createRestrictions(state.freezes, this.#options.policy)
    if (this.#mode.value === 'closed') return
    this.#shutBecause = undefined
    if (state.mode === 'read-write') this.#drain.lift()
    else this.#impose(newIds, continuous ? graceMs(state.freezes) : 0)
    this.#mode.set(state.mode)
  }

  shut(because: 'lease-lost' | 'state-lost'): void {
    if (this.#mode.value === 'closed') return
    this.#shutBecause = because
    this.#mode.set('read-only')
  }

  close(graceMs: number): void {
    this.#shutBecause = 'closed'
    this.#impose([], graceMs)
    this.#mode.set('closed')
  }

  drain(): DrainStatus {
    return this.#drain.status()
  }

  writesInFlight(): ReadonlyMap<string | undefined, number> {
    return this.#drain.writesInFlight()
  }

  unknownWrites(): readonly UnknownWrite[] {
    return this.#drain.unknownWrites()
  }

  forgetUnknown(gone: readonly UnknownWrite[]): void {
    this.#drain.forgetUnknown(gone)
    this.onDrainProgress()
  }

  refusedColumns(write: TableWrite): readonly string[] | 'all' | undefined {
    return this.#restrictions.refusedColumns(write, this.#passing())
  }

  mentions(table: string, schema?: string): boolean {
    return this.#restrictions.mentions(table, schema)
  }

  refuse(write: RefusedWrite): ReadOnlyError {
    return this.#refusals.error(write, this.#restrictions.freezes[0], this.#cause())
  }

  refusalIn(error: unknown): ReadOnlyError | undefined {
    return this.#refusals.inServerError(error, this.mode, this.#shutBecause ?? 'freeze')
  }

  wearBelt(pool: object | undefined): () => void {
    return wearBelt(this.#options, pool, (sql) => {
      const writes = this.#restrictions.exemptsSomething || this.#passing() !== undefined
      return sessionAccess(sql, this.mode, this.analyze, writes)
    })
  }

  check(write: RefusedWrite): void {
    if (!this.#mode.isOpenAt(this.#clock.monotonicMs())) this.#refuse({ write, freeze: this.#restrictions.freezes[0] })
  }

  onModeChange(listener: (mode: GateMode) => void): () => void {
    return this.#mode.onChange(listener)
  }

  /** A node that cannot vouch for the mode lets nobody pass. */
  #passing(): ReadonlySet<string> | undefined {
    return this.#shutBecause === undefined && this.#lease.isFresh() ? this.#options.passing?.() : undefined
  }

  hasGrace(transaction: TransactionFlight): boolean {
    const vouched = this.#shutBecause === undefined || this.#shutBecause === 'closed'
    return transaction.graceUntilMs !== undefined && vouched && this.#lease.isFresh()
  }

  /** `undefined` when the statement writes and passes, so that it is counted; throws when it is refused. */
  #admitRestricted(sql: string, grace?: ReadonlySet<string>, wanted?: Wanted): Ticket | undefined {
    const analysis = this.analyze(sql)
    const refusal = this.#restrictions.refusalOf(analysis, grace)
    if (refusal === undefined) {
      if (analysis.kind !== 'write') return freeTicket
      this.#options.onExempt?.(analysis.writes, grace === undefined ? 'exempt' : 'grace')
      return undefined
    }
    const maySkip = this.#mode.value !== 'closed' && !this.#refusals.reportsOnly
    const write = maySkip && wanted !== undefined ? this.#restrictions.skippable(analysis) : undefined
    const skipped = write && skippedTicket(this.#options, write, sql, wanted)
    if (skipped === undefined) this.#refuse(refusal)
    return skipped
  }

  #refuseIfOverstayed(transaction: TransactionFlight, now: number): void {
    if (!transaction.overstays(now)) return
    this.#refusals.refuse({ operation: 'transaction' }, this.#restrictions.freezes[0], 'drain-deadline')
  }

  #impose(newIds: readonly string[], graceMs: number): void {
    // Where nothing is refused, there is no deadline after which a transaction could only be rolled back.
    this.#drain.impose(newIds, this.#refusals.reportsOnly ? NEVER_MS : graceMs, () => this.onDrainProgress())
  }

  #refuse({ write, freeze }: Refusal): void {
    this.#refusals.refuse(write, freeze, this.#cause())
  }

  #cause(): RefusalCause {
    return this.#shutBecause ?? (this.#mode.isFrozen ? 'freeze' : 'lease-lost')
  }
}
