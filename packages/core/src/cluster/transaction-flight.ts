import type { Analysis } from '../sql/analysis.ts'
import type { Flight } from './in-flight.ts'
import { type Trace, TransactionLog } from './transaction-log.ts'

const NONE: ReadonlySet<string> = new Set()

/** An open transaction of one connection. */
export class TransactionFlight implements Flight {
  readonly startedAtMs: number
  pending = false
  previous: Flight | undefined
  next: Flight | undefined
  passes: ReadonlySet<string> | undefined
  /** It had written when these freezes began, so they let it go on until `graceUntilMs`. */
  graceFor: ReadonlySet<string> = NONE
  graceUntilMs: number | undefined
  /** It overstayed, so it can only be rolled back. */
  aborted = false
  /** Its COMMIT or ROLLBACK was sent, so only the server's answer ends it, whatever deadline passes meanwhile. */
  ending = false
  over = false
  readonly #analyze: (sql: string) => Analysis
  /** From the first statement on. */
  #log: TransactionLog | undefined

  constructor(startedAtMs: number, analyze: (sql: string) => Analysis) {
    this.startedAtMs = startedAtMs
    this.#analyze = analyze
  }

  /** Whether it is aborted, or has to be from now on because its time is over. */
  overstays(nowMs: number): boolean {
    if (this.graceUntilMs !== undefined && nowMs >= this.graceUntilMs) this.aborted = true
    return this.aborted
  }

  grant(freezes: readonly string[], untilMs: number): void {
    this.graceFor = new Set([...this.graceFor, ...freezes])
    this.graceUntilMs = Math.min(this.graceUntilMs ?? untilMs, untilMs)
  }

  /** What was told to roll back still has to; otherwise it is as if no freeze had asked. */
  withdrawGrace(): void {
    if (this.aborted) return
    this.graceUntilMs = undefined
    this.graceFor = NONE
  }

  note(sql: string): void {
    this.#log ??= new TransactionLog(this.#analyze)
    this.#log.add(sql)
  }

  traces(): readonly Trace[] | undefined {
    return this.#log === undefined ? [] : this.#log.traces()
  }
}
