import type { Outcome } from '../domain/admission.ts'
import type { Cancel, Clock } from '../domain/clock.ts'
import { type Flight, InFlight } from './in-flight.ts'
import { TransactionFlight } from './transaction-flight.ts'

/** What a node still has in flight that the active freezes forbid. */
export interface DrainStatus {
  /** Statements and writing transactions that have not ended. */
  readonly inFlight: number
  /** Protected writes that ended without the server's answer. */
  readonly unknown: number
  /** The age and kind of the oldest one, for operators. */
  readonly oldest: string | undefined
}

/**
 * Counts what was admitted before a flip of the mode and has not ended.
 *
 * Texts are analysed only here, at the flip, so that read-write mode pays for keeping them alone. A write whose outcome
 * nobody knows stays counted until a barrier in the database has passed.
 */
export class Drain {
  readonly #clock: Clock
  readonly #inFlight = new InFlight()
  readonly #isProtected: (sql: string) => boolean
  #pending = 0
  #unknown = 0
  #imposed = false
  #cancelDeadline: Cancel = () => {}

  constructor(clock: Clock, isProtected: (sql: string) => boolean) {
    this.#clock = clock
    this.#isProtected = isProtected
  }

  add(flight: Flight): void {
    this.#inFlight.add(flight)
  }

  /** Removes what is over; true when a drain that waits for it should look again. */
  land(flight: Flight, outcome: Outcome): boolean {
    this.#inFlight.remove(flight)
    if (outcome === 'unknown' && this.holdsProtectedWrite(flight)) this.#unknown += 1
    return this.#settle(flight)
  }

  holdsProtectedWrite(flight: Flight): boolean {
    return flight.texts()?.some(this.#isProtected) ?? true
  }

  /**
   * Marks what the new restrictions forbid. The freezes in `newIds` let transactions among it go on for `graceMs`; then
   * they can only be rolled back and nobody waits for them. A grace that was given is never lengthened.
   */
  impose(newIds: readonly string[], graceMs: number, onDeadline: () => void): void {
    this.#imposed = true
    this.#pending = 0
    const graceUntilMs = this.#clock.monotonicMs() + graceMs
    for (const flight of this.#inFlight) {
      flight.pending = this.holdsProtectedWrite(flight) && !(flight instanceof TransactionFlight && flight.aborted)
      if (!flight.pending) continue
      this.#pending += 1
      if (flight instanceof TransactionFlight) grant(flight, newIds, graceUntilMs)
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
      if (!(flight instanceof TransactionFlight) || flight.aborted) continue
      flight.graceUntilMs = undefined
      flight.graceFor.clear()
    }
  }

  status(): DrainStatus {
    return { inFlight: this.#pending, unknown: this.#unknown, oldest: this.#oldest() }
  }

  forgetUnknown(count: number): void {
    this.#unknown = Math.max(0, this.#unknown - count)
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

function grant(transaction: TransactionFlight, newIds: readonly string[], untilMs: number): void {
  for (const id of newIds) transaction.graceFor.add(id)
  transaction.graceUntilMs = Math.min(transaction.graceUntilMs ?? untilMs, untilMs)
}
