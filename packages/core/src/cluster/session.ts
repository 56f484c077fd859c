import type { Outcome, Session, Ticket, Wanted } from '../domain/admission.ts'
import type { ControlAction } from '../sql/analysis.ts'
import { type StackedControl, stackedControl } from '../sql/stacked-control.ts'
import { commonControl, mayControl, transactionControl } from '../sql/transaction-control.ts'
import { freeTicket } from './in-flight.ts'
import type { Journal, JournaledSession } from './journal.ts'
import type { SessionGate } from './session-gate.ts'
import type { TransactionFlight } from './transaction-flight.ts'

const chains = /\bchain\b/i
const setsAutocommit = /\bautocommit\b/i
const differs = /\/\*|\bautocommit\b/i

/** Noted in the place of a statement when the connection goes back to its pool; no statement begins like this. */
const RELEASED = '\0released'

/** Makes the session of one connection. */
export function createSession(gate: SessionGate, journal: Journal): Session {
  return new ConnectionSession(gate, journal)
}

class ConnectionSession implements Session, JournaledSession {
  #gate: SessionGate
  readonly #journal: Journal
  /** As of what the journal has told. What a freeze has given grace to, or aborted, is of a time in which nothing is noted. */
  #transaction: TransactionFlight | undefined
  /** Autocommit is off (MySQL, MariaDB): what is sent outside of a transaction begins one. */
  #alwaysOpen = false

  constructor(gate: SessionGate, journal: Journal) {
    this.#gate = gate
    this.#journal = journal
  }

  get inTransaction(): boolean {
    this.#journal.read()
    return this.#transaction !== undefined
  }

  get aborted(): boolean {
    return this.#transaction?.aborted ?? false
  }

  get mayWrite(): boolean {
    const transaction = this.#transaction
    return transaction !== undefined && !transaction.aborted && this.#gate.hasGrace(transaction)
  }

  note(sql: string): Ticket | undefined {
    // What was aborted by a freeze stays refused behind it; nothing is while the journal knows more of it.
    return this.#transaction?.aborted === true ? undefined : this.#journal.note(sql, this)
  }

  follow(sql: string, gate: SessionGate): Ticket {
    const asked = this.#gate
    this.#gate = gate
    try {
      if (sql !== RELEASED) return this.#admit(sql, undefined)
      this.#release()
      return freeTicket
    } finally {
      this.#gate = asked
    }
  }

  admit(sql: string, wanted?: Wanted): Ticket {
    this.#journal.read()
    return this.#admit(sql, wanted)
  }

  begin(): void {
    this.#journal.read()
    this.#begin()
  }

  admitCommit(): Ticket {
    this.#journal.read()
    return this.#admitCommit()
  }

  rolledBack(): void {
    this.#journal.read()
    if (this.#transaction !== undefined) this.#over(this.#transaction, 'answered')
  }

  release(): void {
    if (!this.#journal.noteOver(RELEASED, this)) this.#release()
  }

  #admit(sql: string, wanted: Wanted | undefined): Ticket {
    const control = mayControl(sql) ? this.#admitIfControl(sql) : undefined
    if (control !== undefined) return control
    const stacked = stackedControl(sql, this.#gate.analyze)
    return stacked === undefined ? this.#admitStatement(sql, wanted) : this.#admitStack(sql, stacked)
  }

  #begin(): void {
    if (this.#transaction !== undefined && !this.#transaction.ending) return
    this.#transaction = this.#gate.openTransaction()
  }

  #admitCommit(): Ticket {
    const transaction = this.#transaction
    if (transaction === undefined) return freeTicket
    this.#gate.admitCommit(transaction)
    transaction.ending = true
    return {
      end: (outcome) => {
        // What was noted behind this COMMIT runs by itself, also when it turns out to have failed.
        this.#journal.read()
        if (outcome === 'unchanged') transaction.ending = false
        else this.#over(transaction, outcome)
      },
    }
  }

  #release(): void {
    // An application that gives a connection back with its transaction open leaves writes that somebody may commit.
    if (this.#transaction !== undefined) this.#over(this.#transaction, 'unknown')
    this.#alwaysOpen = false
  }

  #admitIfControl(sql: string): Ticket | undefined {
    const common = commonControl(sql)
    if (common !== undefined) return this.#admitControl(common, sql, '')
    const control = this.#controlIn(sql)
    return control === undefined ? undefined : this.#admitControl(control, sql, sql)
  }

  /** What is control in one family may be another thing in this one: a comment may be executed, or not nest. */
  #controlIn(sql: string): ControlAction | undefined {
    const control = transactionControl(sql)
    if (control === undefined || !differs.test(sql)) return control
    const analysis = this.#gate.analyze(sql)
    return analysis.kind === 'control' ? analysis.action : undefined
  }

  /** `options`: where CHAIN or autocommit may stand; nothing for the texts that have no room for them. */
  #admitControl(control: ControlAction, sql: string, options: string): Ticket {
    switch (control) {
      case 'begin':
        return this.#admitBegin(options)
      case 'commit':
        return this.#transaction === undefined ? this.#gate.admit(sql) : this.#chained(options, this.#admitCommit())
      case 'rollback':
        return this.#chained(options, this.#admitRollback())
      case 'prepare-transaction':
        return this.#admitPrepare(sql)
      case 'commit-prepared':
        return this.#gate.admit(sql)
      default:
        return freeTicket
    }
  }

  /** MySQL and MariaDB commit the transaction that is open before they begin another one. */
  #admitBegin(options: string): Ticket {
    const transaction = this.#transaction
    if (transaction !== undefined && !transaction.ending) this.#gate.admitCommit(transaction)
    this.#alwaysOpen ||= options !== '' && setsAutocommit.test(options)
    this.#begin()
    return freeTicket
  }

  /** `… AND CHAIN`, or without autocommit: the next transaction is open as soon as this one is over. */
  #chained(options: string, ending: Ticket): Ticket {
    const has = (word: RegExp): boolean => options !== '' && word.test(options)
    if (has(setsAutocommit)) this.#alwaysOpen = false
    if (!this.#alwaysOpen && !has(chains)) return ending
    return {
      end: (outcome) => {
        ending.end(outcome)
        this.#begin()
      },
    }
  }

  #admitRollback(): Ticket {
    const transaction = this.#transaction
    if (transaction === undefined) return freeTicket
    transaction.ending = true
    return { end: () => this.#over(transaction, 'answered') }
  }

  /** A prepared transaction outlives its session, so its outcome stays unknown here. */
  #admitPrepare(sql: string): Ticket {
    const ticket = this.#gate.admit(sql)
    const transaction = this.#transaction
    return transaction === undefined ? ticket : this.#leaving(ticket, transaction)
  }

  #leaving(ticket: Ticket, transaction: TransactionFlight): Ticket {
    transaction.ending = true
    return {
      end: (outcome) => {
        ticket.end(outcome)
        this.#over(transaction, 'unknown')
      },
    }
  }

  #admitStatement(sql: string, wanted: Wanted | undefined): Ticket {
    // Behind a COMMIT or ROLLBACK that was sent and not answered, a statement runs by itself.
    const transaction = this.#transaction
    if (transaction === undefined || transaction.ending) return this.#gate.admit(sql, wanted)
    const ticket = this.#gate.admitInTransaction(sql, transaction, wanted)
    if (ticket.skipped === undefined) transaction.note(sql)
    return ticket
  }

  /** `BEGIN; INSERT …` and the like: one text that the gate decides on, and that begins or ends the transaction too. */
  #admitStack(sql: string, { ends, opens }: StackedControl): Ticket {
    const before = this.#transaction
    const ticket = this.#admitStatement(sql, undefined)
    if (before !== undefined && ends) before.ending = true
    if (opens) {
      this.#begin()
      this.#transaction?.note(sql)
    }
    if (before === undefined || !ends) return ticket
    return {
      end: (outcome) => {
        ticket.end(outcome)
        this.#over(before, outcome)
      },
    }
  }

  #over(transaction: TransactionFlight, outcome: Outcome): void {
    if (transaction.over) return
    transaction.over = true
    if (this.#transaction === transaction) this.#transaction = undefined
    this.#gate.landed(transaction, outcome)
  }
}
