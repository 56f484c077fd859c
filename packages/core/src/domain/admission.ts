import type { Mode } from './mode.ts'
import type { ReadOnlyError, RefusedWrite } from './read-only-error.ts'
import type { TableWrite, WriteOperation } from './table-write.ts'

/** What an error says about the statement that it ended. */
export type Outcome =
  /** The server has spoken: the statement is over, with or without success. */
  | 'answered'
  /** The same, and it has failed without an effect: a COMMIT has left its transaction open. */
  | 'unchanged'
  /** Nobody knows: a time-out, an abort, a lost connection. The statement may still be alive in the server. */
  | 'unknown'

/** A statement that was admitted; it counts as in flight until it is ended. */
export interface Ticket {
  /** Set where the statement must not be sent, but answered as done; only for callers that said what they want. */
  readonly skipped?: SkippedWrite | undefined
  end(outcome: Outcome): void
}

/**
 * What a caller reads in the answer to a write that may be skipped: counts and the rows of RETURNING, or the keys that
 * the database generates as well, which nobody can answer for an insert that was not sent.
 */
export type Wanted = 'rows' | 'keys'

/** A write that the policy `skip` lets be answered as done with nothing sent. */
export interface SkippedWrite {
  readonly operation: WriteOperation
  readonly table: string
  /** Reads the rows that RETURNING asks for, as they are; absent where the statement asks for none. */
  readonly rows?: RowsOfSkipped | undefined
}

/** A query for the rows that a skipped write would have touched. */
export interface RowsOfSkipped {
  readonly sql: string
  /** Which parameters of the write it takes, in its own order, by their index. */
  readonly parameters: readonly number[]
}

/** What admits statements: the gate itself for autocommit statements, a session for those of one connection. */
export interface Admission {
  /**
   * Decides on one statement, synchronously, in the same turn in which it is handed to the driver.
   *
   * Without `wanted`, a write that could be skipped is refused: whoever doesn't ask can't answer in its place.
   *
   * @throws ReadOnlyError when it is a protected write that may not be sent now.
   */
  admit(sql: string, wanted?: Wanted): Ticket
  /**
   * Writes down a statement that may be sent because everything may be written, which costs next to nothing; what it does
   * is found out when somebody asks.
   *
   * @returns its ticket, which has to be ended exactly once: it is used again; `undefined` where `admit()` has to decide.
   */
  note(sql: string): Ticket | undefined
}

/**
 * The statements of one connection, so that a transaction that has written can be told from one that has only read.
 *
 * Transaction control in the text (BEGIN, COMMIT…) is recognised; drivers that begin and end transactions by calls use
 * the methods.
 */
export interface Session extends Admission {
  readonly inTransaction: boolean
  /** True when the transaction stayed open past the drain's deadline: only ROLLBACK passes, COMMIT is refused. */
  readonly aborted: boolean
  /** True while the transaction may go on writing although the mode forbids it, because it had written before. */
  readonly mayWrite: boolean
  begin(): void
  /** Decides on a commit that the driver makes by a call; otherwise as `admit('COMMIT')`. */
  admitCommit(): Ticket
  /** The transaction is over, rolled back. */
  rolledBack(): void
  /**
   * The connection goes back to its pool: a transaction that is still open there has an unknown outcome. The session may
   * serve whoever takes the connection next.
   */
  release(): void
}

/** Where a gate stands; `starting` until the node has joined, `closed` when its cluster object is closed. */
export type GateMode = 'starting' | Mode | 'closed'

/** The in-process, synchronous decision that guards ask. */
export interface Gate extends Admission {
  /**
   * What the node admits now; `read-only` also while its lease is lost. A node that only reports admits everything, so it
   * is `read-write` once it has joined.
   */
  readonly mode: GateMode
  /** True until the node has joined: everything but reads and rollbacks has to wait for `whenReady()`. Cheaper to ask than `mode`. */
  readonly isStarting: boolean
  /** Resolves when a statement can be decided: at once for a read, otherwise when the node has joined; fails if that fails. */
  whenReady(sql: string): Promise<void>
  openSession(): Session
  /**
   * What refuses this write now, for layers that know it before there is a statement; `undefined` when it may pass, or be
   * skipped.
   */
  refusedColumns(write: TableWrite): readonly string[] | 'all' | undefined
  /** Whether the policy in force speaks of the table, so that only the statement's text can decide. */
  mentions(table: string, schema?: string): boolean
  /** Makes the error for a write that a layer refuses by itself, and counts it. */
  refuse(write: RefusedWrite): ReadOnlyError
  /**
   * The database's own refusal in an error of the driver (by its fence, or by a read-only session), as the error that a
   * caller knows; `undefined` for every other error.
   */
  refusalIn(error: unknown): ReadOnlyError | undefined
  /** Puts the belt on a driver's pool, where the cluster has one; `undefined` stands for an adapter without such a pool. */
  wearBelt(pool: object | undefined): () => void
  /** What an error from the driver says about a statement that was sent. */
  outcomeOf(error: unknown): Outcome
  /** Calls `listener` after each change of `mode`; returns what removes it. */
  onModeChange(listener: (mode: GateMode) => void): () => void
}
