import type { Outcome, Session, Ticket, Wanted } from '../domain/admission.ts'
import type { Analysis, ControlAction } from '../sql/analysis.ts'
import { type StackedControl, stackedControl } from '../sql/stacked-control.ts'
import { commonControl, mayControl, transactionControl } from '../sql/transaction-control.ts'
import { freeTicket, type Landing } from './in-flight.ts'
import type { TransactionFlight } from './transaction-flight.ts'

/** What a session asks of its gate. */
export interface SessionGate extends Landing {
  readonly analyze: (sql: string) => Analysis
  /** Decides on a statement; a session in a transaction counts it itself. */
  admit(sql: string, wanted?: Wanted): Ticket
  /** Decides on a statement inside a transaction, without counting it; throws when it is refused. */
  admitInTransaction(sql: string, transaction: TransactionFlight, wanted?: Wanted): Ticket
  /** Decides on the commit of a transaction; throws when it came too late. */
  admitCommit(transaction: TransactionFlight): void
  /** A transaction that counts as in flight from now on, until it has `landed`. */
  openTransaction(): TransactionFlight
  /** Whether a transaction that had written when the freeze began may still go on. */
  hasGrace(transaction: TransactionFlight): boolean
}

const chains = /\bchain\b/i
const setsAutocommit = /\bautocommit\b/i
const differs = /\/\*|\bautocommit\b/i

/** Makes the session of one connection. */
export function createSession(gate: SessionGate): Session {
  return new ConnectionSession(gate)
}

class ConnectionSession implements Session {
  readonly #gate: SessionGate
  #transaction: TransactionFlight | undefined
  /** Autocommit is off (MySQL, MariaDB): what is sent outside of a transaction begins one. */
  #alwaysOpen = false

  constructor(gate: SessionGate) {
    this.#gate = gate
  }

  get inTransaction(): boolean {
    return this.#transaction !== undefined
  }

  get aborted(): boolean {
    return this.#transaction?.aborted ?? false
  }

  get mayWrite(): boolean {
    const transaction = this.#transaction
    return transaction !== undefined && !transaction.aborted && this.#gate.hasGrace(transaction)
  }

  admit(sql: string, wanted?: Wanted): Ticket {
    const control = mayControl(sql) ? this.#admitIfControl(sql) : undefined
    if (control !== undefined) return control
    const stacked = stackedControl(sql, this.#gate.analyze)
    return stacked === undefined ? this.#admitStatement(sql, wanted) : this.#admitStack(sql, stacked)
  }

  admitOne(sql: string): Ticket {
    const control = mayControl(sql) ? this.#admitIfControl(sql) : undefined
    return control ?? this.#admitStatement(sql, undefined)
  }

  begin(): void {
    if (this.#transaction !== undefined && !this.#transaction.ending) return
    this.#transaction = this.#gate.openTransaction()
  }

  admitCommit(): Ticket {
    const transaction = this.#transaction
    if (transaction === undefined) return freeTicket
    this.#gate.admitCommit(transaction)
    transaction.ending = true
    return {
      end: (outcome) => {
        if (outcome === 'unchanged') transaction.ending = false
        else this.#over(transaction, outcome)
      },
    }
  }

  rolledBack(): void {
    if (this.#transaction !== undefined) this.#over(this.#transaction, 'answered')
  }

  release(): void {
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
        return this.#transaction === undefined ? this.#gate.admit(sql) : this.#chained(options, this.admitCommit())
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
    this.begin()
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
        this.begin()
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
      this.begin()
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
