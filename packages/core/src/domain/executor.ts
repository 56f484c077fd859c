/** A row as a driver gives it. */
export type Row = Readonly<Record<string, unknown>>

/** What a statement answered. */
export interface Result {
  readonly rows: readonly Row[]
  /** Rows changed, or read. */
  readonly rowCount: number
}

/** Runs one statement. */
export interface Statements {
  execute(sql: string, parameters?: readonly unknown[]): Promise<Result>
}

/** Runs the statements of one transaction. */
export interface TransactionStatements extends Statements {
  /** Aborts when the connection breaks, and with it the transaction. */
  readonly lost: AbortSignal
}

/** Runs the statements of a short transaction. */
export interface ShortTransaction extends Statements {
  /** Undoes the transaction although `fn` will resolve; nothing can be executed in it afterwards. */
  rollback(): Promise<void>
}

/** The longest wait for the answer to one statement. */
export interface StatementBound {
  readonly statementTimeoutMs: number
}

/**
 * Runs statements of the coordination protocol; never the application's.
 *
 * Each call of `execute` is one statement in a transaction of its own, so nothing of the session is relied on and a
 * pooler in transaction mode does no harm.
 */
export interface SqlExecutor extends Statements {
  /**
   * The same as `execute` for a statement that comes again and again, which the server then need not read anew each time.
   * Left out where that saves nothing.
   */
  executeOften?(sql: string, parameters?: readonly unknown[]): Promise<Result>
  /**
   * Runs `fn` on one connection of its own, in one READ COMMITTED transaction: committed when it resolves, rolled back
   * when it throws. Nobody's heartbeat waits for such a connection, so a transaction may stay open for long; its
   * statements are bounded only where the caller says so.
   */
  transaction<T>(fn: (one: TransactionStatements) => Promise<T>, bound?: StatementBound): Promise<T>
  /**
   * The same for a few statements that no other program's locks hold up, on one of the connections that `execute` uses.
   * Left out where every operation of the store is one statement.
   */
  shortTransaction?<T>(fn: (one: ShortTransaction) => Promise<T>): Promise<T>
  /**
   * Calls `onMessage` with the payload of each notification on `channel`, and reconnects by itself. A hint only: a
   * connection can be silently dead. Left out where the database or the connection cannot.
   */
  listen?(channel: string, onMessage: (payload: string) => void): Promise<Subscription>
  /** Ends what the executor opened; connections that were handed in stay open. */
  close(): Promise<void>
}

/** A LISTEN that can be ended. */
export interface Subscription {
  close(): Promise<void>
}
