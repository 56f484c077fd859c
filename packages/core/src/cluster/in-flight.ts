import type { Outcome, Ticket } from '../domain/admission.ts'
import type { Trace } from './transaction-log.ts'

/** Something that a drain may have to wait for: an autocommit statement or a transaction. */
export interface Flight {
  readonly startedAtMs: number
  /** Set at a flip of the mode when the flight holds a protected write; cleared when it is over. */
  pending: boolean
  previous: Flight | undefined
  next: Flight | undefined
  /** The freezes that it passes, because it belongs to their run. */
  passes: ReadonlySet<string> | undefined
  /** What decides whether it holds a protected write; `undefined` when there was too much to keep. */
  traces(): readonly Trace[] | undefined
}

/** Who is told that a flight is over, with what is known of its end. */
export interface Landing {
  landed(flight: Flight, outcome: Outcome): void
}

/**
 * What is in flight, as a doubly linked list: adding and removing allocate nothing but the ticket itself.
 */
export class InFlight {
  #head: Flight | undefined

  add(flight: Flight): void {
    flight.next = this.#head
    if (this.#head !== undefined) this.#head.previous = flight
    this.#head = flight
  }

  remove(flight: Flight): void {
    if (flight.previous !== undefined) flight.previous.next = flight.next
    else if (this.#head === flight) this.#head = flight.next
    if (flight.next !== undefined) flight.next.previous = flight.previous
    flight.previous = undefined
    flight.next = undefined
  }

  *[Symbol.iterator](): Generator<Flight, void, undefined> {
    for (let flight = this.#head; flight !== undefined; ) {
      const { next } = flight
      yield flight
      flight = next
    }
  }
}

/** The ticket of one autocommit statement. */
export class StatementFlight implements Flight, Ticket {
  readonly startedAtMs: number
  pending = false
  previous: Flight | undefined
  next: Flight | undefined
  passes: ReadonlySet<string> | undefined
  readonly #sql: string
  #landing: Landing | undefined

  constructor(sql: string, startedAtMs: number, landing: Landing) {
    this.#sql = sql
    this.startedAtMs = startedAtMs
    this.#landing = landing
  }

  traces(): readonly Trace[] {
    return [this.#sql]
  }

  end(outcome: Outcome): void {
    const landing = this.#landing
    this.#landing = undefined
    landing?.landed(this, outcome)
  }
}

/** The ticket of what nobody has to wait for. */
export const freeTicket: Ticket = { end() {} }
