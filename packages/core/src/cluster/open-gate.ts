import type { Outcome, Ticket } from '../domain/admission.ts'
import type { Analysis } from '../sql/analysis.ts'
import { type Flight, freeTicket, type InFlight, type Landing, StatementFlight } from './in-flight.ts'
import type { SessionGate } from './session-gate.ts'
import { TransactionFlight } from './transaction-flight.ts'

/**
 * A gate that admits everything, at a moment of the past: what a session asks while it is told what it has sent while
 * everything might be written.
 */
export class OpenGate implements SessionGate {
  readonly analyze: (sql: string) => Analysis
  readonly #inFlight: InFlight
  readonly #landing: Landing
  #atMs = 0

  constructor(analyze: (sql: string) => Analysis, inFlight: InFlight, landing: Landing) {
    this.analyze = analyze
    this.#inFlight = inFlight
    this.#landing = landing
  }

  /** The same gate, at another moment of the monotonic clock. */
  at(ms: number): this {
    this.#atMs = ms
    return this
  }

  admit(sql: string): Ticket {
    const flight = new StatementFlight(sql, this.#atMs, this.#landing)
    this.#inFlight.add(flight)
    return flight
  }

  admitInTransaction(): Ticket {
    return freeTicket
  }

  admitCommit(): void {}

  openTransaction(): TransactionFlight {
    const transaction = new TransactionFlight(this.#atMs, this.analyze)
    this.#inFlight.add(transaction)
    return transaction
  }

  hasGrace(): boolean {
    return false
  }

  landed(flight: Flight, outcome: Outcome): void {
    this.#landing.landed(flight, outcome)
  }
}
