/** What a session lets its next transaction do. */
export type SessionAccess = 'read-only' | 'read-write'

/** Decides for the connections that wear a belt. */
export interface BeltWearer {
  /** What the session has to be before this statement is sent outside of a transaction; `undefined`: as it is. */
  accessFor(sql: string): SessionAccess | undefined
  /** The belt could not be put on, or is off for good; the guards go on without it. */
  warn(message: string, error?: unknown): void
}

/**
 * The server's own read-only session on the connections of an application: while the cluster is not read-write, what a
 * guard takes for a read cannot write either, as a function that it calls might.
 *
 * A connection is switched at most once for each change of what is sent on it, by one round trip before the statement.
 */
export interface Belt {
  /** Watches a driver's pool from now on; returns what ends that, `undefined` for a pool of a driver that it doesn't know. */
  wear(pool: object, wearer: BeltWearer): (() => void) | undefined
  /** Whether an error of a driver or an ORM is the server's refusal to write in a read-only session. */
  isRefusal(error: unknown): boolean
}
