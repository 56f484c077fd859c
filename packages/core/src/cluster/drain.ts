import type { Outcome } from '../domain/admission.ts'
import type { Cancel, Clock } from '../domain/clock.ts'
import type { Analysis } from '../sql/analysis.ts'
import type { Flight, InFlight } from './in-flight.ts'
import type { Journal } from './journal.ts'
import type { Refusal } from './restrictions.ts'
import { TransactionFlight } from './transaction-flight.ts'
import { doneBy, type Trace } from './transaction-log.ts'
import { writesByTable } from './writes-by-table.ts'

/** What a node still has in flight that the active freezes forbid. */
export interface DrainStatus {
  /** Statements and writing transactions that have not ended. */
  readonly inFlight: number
  /** Protected writes that ended without the server's answer. */
  readonly unknown: number
  /** The age and kind of the oldest one, for operators. */
  readonly oldest: string | undefined
}

/** A write that ended without the server's answer. */
export interface UnknownWrite {
  readonly traces: readonly Trace[] | undefined
  readonly passes: ReadonlySet<string> | undefined
  readonly atMs: number
}

const MAX_UNKNOWN = 1000

/**
 * Counts what was admitted before a flip of the mode and has not ended.
 *
 * Texts are analysed only here, at the flip, so that read-write mode pays for keeping them alone. A write whose outcome
 * nobody knows stays counted until a barrier in the database has passed.
 */
export class Drain {
  readonly #clock: Clock
  readonly #inFlight: InFlight
  readonly #journal: Journal
  readonly #analyze: (sql: string) => Analysis
  readonly #refusalOf: (does: Analysis, passes: ReadonlySet<string> | undefined) => Refusal | undefined
  #pending = 0
  #unknown: UnknownWrite[] = []
  #imposed = false
  #cancelDeadline: Cancel = () => {}

  constructor(
    inFlight: InFlight,
    journal: Journal,
    { clock, analyze }: { readonly clock: Clock; readonly analyze: (sql: string) => Analysis },
    refusalOf: (does: Analysis, passes: ReadonlySet<string> | undefined) => Refusal | undefined,
  ) {
    this.#inFlight = inFlight
    this.#journal = journal
    this.#clock = clock
    this.#analyze = analyze
    this.#refusalOf = refusalOf
  }

  /** Removes what is over; true when a drain that waits for it should look again. */
  land(flight: Flight, outcome: Outcome): boolean {
    this.#inFlight.remove(flight)
    if (outcome === 'unknown') this.#keepUnknown(flight)
    return this.#settle(flight)
  }

  holdsProtectedWrite(flight: Flight): boolean {
    return this.#isProtectedBy(flight.traces(), flight.passes)
  }

  /**
   * Marks what the new restrictions forbid. The freezes in `newIds` let transactions among it go on for `graceMs`; then
   * they can only be rolled back and nobody waits for them. A grace that was given is never lengthened.
   */
  impose(newIds: readonly string[], graceMs: number, onDeadline: () => void): void {
    this.#journal.read()
    this.#imposed = true
    this.#pending = 0
    const graceUntilMs = this.#clock.monotonicMs() + graceMs
    for (const flight of this.#inFlight) {
      flight.pending = this.holdsProtectedWrite(flight) && !(flight instanceof TransactionFlight && flight.aborted)
      if (!flight.pending) {
        withdrawGrace(flight)
        continue
      }
      this.#pending += 1
      if (flight instanceof TransactionFlight) flight.grant(newIds, graceUntilMs)
    }
    this.#cancelDeadline()
    this.#cancelDeadline = this.#clock.schedule(graceMs, () => {
      this.#abortOverstayed()
      onDeadline()
    })
    this.#abortOverstayed()
  }

  /** The cluster is read-write again; what was told to roll back still has to. */
  lift(): void {
    this.#imposed = false
    this.#pending = 0
    this.#cancelDeadline()
    for (const flight of this.#inFlight) {
      flight.pending = false
      withdrawGrace(flight)
    }
  }

  status(): DrainStatus {
    return { inFlight: this.#pending, unknown: this.unknownWrites().length, oldest: this.#oldest() }
  }

  /** The writes that were admitted and have not ended, by table. */
  writesInFlight(): ReadonlyMap<string | undefined, number> {
    this.#journal.read()
    return writesByTable(this.#inFlight, this.#analyze)
  }

  /** Protected writes whose outcome nobody knows, by what is forbidden now. */
  unknownWrites(): readonly UnknownWrite[] {
    // A connection that was given back with its transaction open may be told of there.
    this.#journal.read()
    return this.#unknown.filter(({ traces, passes }) => this.#isProtectedBy(traces, passes))
  }

  forgetUnknown(gone: readonly UnknownWrite[]): void {
    this.#unknown = this.#unknown.filter((write) => !gone.includes(write))
  }

  #isProtectedBy(traces: readonly Trace[] | undefined, passes: ReadonlySet<string> | undefined): boolean {
    return traces?.some((trace) => this.#refusalOf(doneBy(trace, this.#analyze), passes) !== undefined) ?? true
  }

  /** Reads are not kept; of very many writes only that they were. */
  #keepUnknown(flight: Flight): void {
    const traces = flight.traces()
    if (traces?.length === 0) return
    if (this.#unknown.length >= MAX_UNKNOWN)
      this.#unknown.splice(0, 2, { traces: undefined, passes: undefined, atMs: this.#clock.monotonicMs() })
    this.#unknown.push({ traces, passes: flight.passes, atMs: this.#clock.monotonicMs() })
  }

  #settle(flight: Flight): boolean {
    if (!flight.pending) return this.#imposed
    flight.pending = false
    this.#pending -= 1
    return true
  }

  #abortOverstayed(): void {
    const now = this.#clock.monotonicMs()
    for (const flight of this.#inFlight) {
      if (!(flight instanceof TransactionFlight) || !flight.pending || flight.ending) continue
      if (now < (flight.graceUntilMs ?? now)) continue
      flight.aborted = true
      this.#settle(flight)
    }
  }

  #oldest(): string | undefined {
    let oldest: Flight | undefined
    for (const flight of this.#inFlight) {
      if (flight.pending && (oldest === undefined || flight.startedAtMs < oldest.startedAtMs)) oldest = flight
    }
    if (oldest === undefined) return undefined
    const kind = oldest instanceof TransactionFlight ? 'transaction' : 'statement'
    return `${kind} for ${Math.round(this.#clock.monotonicMs() - oldest.startedAtMs)} ms`
  }
}

function withdrawGrace(flight: Flight): void {
  if (flight instanceof TransactionFlight) flight.withdrawGrace()
}
