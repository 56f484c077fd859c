/** One lock as the database has it. */
export interface LockRecord {
  readonly name: string
  /** The fencing token of the current or last holder; it only grows. */
  readonly token: string
  /** The node that holds it; `undefined` when it is free. */
  readonly holder: string | undefined
  /** What the holder calls itself. */
  readonly owner: string | undefined
  readonly acquiredAt: Date | undefined
  readonly heldForMs: number | undefined
  /** Negative when the lease is over and the lock may be taken over. */
  readonly leaseRemainingMs: number | undefined
}

/** Which lease locks are freed: those of a node, those whose lease is over, or one by its name, whoever holds it. */
export type LockSelection =
  | { readonly type: 'holder'; readonly holder: string }
  | { readonly type: 'dead' }
  | { readonly type: 'name'; readonly name: string; readonly reason: string }

/** How long a transaction may wait for a row that another one has locked. */
export type RowLockWait =
  /** Not at all (NOWAIT). */
  | 'nowait'
  /** Not at all, and without an error in the server's log (SKIP LOCKED). */
  | 'skip-locked'
  /** Milliseconds. */
  | number

/** A row that stands for a lock; it is inserted at its first use. */
export interface RowLockRequest {
  readonly name: string
  readonly wait: RowLockWait
  /** Another program's table with one row a lock; our own when left out. */
  readonly table?: LockTable | undefined
}

/** A table that is shared with another program, in the database's names. */
export interface LockTable {
  readonly schema?: string | undefined
  readonly table: string
  readonly nameColumn: string
}
