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
