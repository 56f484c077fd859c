import type { Ticket, Wanted } from '../domain/admission.ts'
import type { Analysis } from '../sql/analysis.ts'
import type { Landing } from './in-flight.ts'
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
