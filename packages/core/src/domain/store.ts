import type { Subscription } from './executor.ts'
import type { ColumnName, TableName } from './exemption.ts'
import type { LockRecord, LockSelection, RowLockRequest } from './lock-record.ts'
import type { OtherNamespace, QuartzScheduler, QuartzTable } from './members.ts'
import type { NodeIdentity, NodeRecord, NodeReport } from './node-record.ts'
import type { RunStore } from './run.ts'
import type { Snapshot } from './snapshot.ts'
import type { Token } from './token.ts'
import type { Change } from './transition.ts'

/** A statement or transaction alive in the database server that has written, or waits to write, to protected tables. */
export interface OpenWriter {
  /** Names this one transaction; a later transaction of the same session has another. */
  readonly id: string
  readonly pid: number
  readonly ageMs: number | undefined
  readonly application: string
  /** The beginning of its statement, for operators; `undefined` where the role may not see it. */
  readonly query: string | undefined
  /** As `schema.table`; empty where the server does not tell them. */
  readonly tables: readonly string[]
  /** True of a transaction that has only read; they are listed only where they can keep a fence from being raised. */
  readonly onlyReads?: boolean | undefined
}

/** One line of the audit trail as read back. */
export interface RecordedEvent {
  readonly at: Date
  readonly type: string
  readonly epoch: string | undefined
  readonly node: string | undefined
  readonly freezeId: string | undefined
  readonly detail: Readonly<Record<string, unknown>>
}

/** The version of the coordination tables that is there (`undefined` when none is), and the one this library needs. */
export interface SchemaVersion {
  readonly found: number | undefined
  readonly known: number
}

/**
 * The coordination state of one namespace in one database; each dialect implements it with its own statements.
 *
 * Every method is one transaction. Times are the database's. Errors of the database arrive as `QuiesceError`s with the
 * driver's as their cause, except those of the work that `holdRow` is given.
 */
export interface CoordinationStore {
  /** Creates or updates the coordination tables; idempotent, and safe from many processes at once. */
  migrate(): Promise<void>
  /** The version of the tables that are there. */
  schemaVersion(): Promise<SchemaVersion>
  /** The statements by which `migrate` makes the tables out of those of a version; `undefined`: where there are none. */
  migrationScript(from: number | undefined): Promise<readonly string[]>

  /** Makes the namespace's row when there is none yet, above every epoch that was ever seen. */
  ensureCluster(): Promise<void>
  /** Reads the state; never from a standby. Fails with `QUIESCE_STATE_LOST` when the row is missing. */
  read(): Promise<Snapshot>
  /**
   * Applies a change if the state still is `expected`, as one compare-and-set; false when it is not. Durable when true.
   * Fails with `QUIESCE_CONTENDED` when the server undid it for others, so that another attempt may succeed.
   */
  commit(expected: Token, change: Change, by: string): Promise<boolean>

  /** Adds a node; committed before the node reads the mode. */
  join(node: NodeIdentity): Promise<void>
  /** Renews a node's lease, stores its report, and reads the state: one statement. */
  beat(nodeId: string, report: NodeReport): Promise<Snapshot>
  leave(nodeId: string): Promise<void>
  nodes(): Promise<readonly NodeRecord[]>
  /** Removes nodes whose lease has been over for `afterMs`, and says which. */
  reap(afterMs: number): Promise<readonly string[]>

  /** Renews a live machine freeze up to its deadline; the new remaining time, or `undefined` when it is not held any more. */
  renewFreeze(id: string, nonce: string): Promise<number | undefined>
  /** Moves a held freeze's deadline; false when it is not held any more. */
  extendFreeze(id: string, nonce: string, change: FreezeExtension): Promise<boolean>

  /** Takes a lock that is free or whose lease is over; otherwise says who holds it. */
  acquireLock(request: LockRequest): Promise<LockAttempt>
  /** Renews a held lock; false when it was lost. */
  renewLock(name: string, nonce: string, leaseMs: number): Promise<boolean>
  /** Releases a held lock; false when it was lost before. */
  releaseLock(name: string, nonce: string): Promise<boolean>
  locks(): Promise<readonly LockRecord[]>
  /** Frees lease locks without asking their holders; says which, and records each. */
  releaseLocks(selection: LockSelection, by: string): Promise<readonly LockRecord[]>
  /**
   * Runs `fn` while this row is locked in an open transaction of a connection of its own, which frees the lock when it
   * dies; `undefined` when another transaction had it for longer than the wait. Rejects with `QUIESCE_LEASE_LOST` when
   * `fn` came to its end and may have been without the lock.
   */
  holdRow<T>(request: RowLockRequest, fn: (lost: AbortSignal) => Promise<T>): Promise<{ readonly value: T } | undefined>

  /** The other namespaces of these tables in which nodes are alive, by name. */
  otherNamespaces(): Promise<readonly OtherNamespace[]>
  /** The schedulers in a Quartz cluster's table; empty when there is no such table. */
  quartzSchedulers(table: QuartzTable): Promise<readonly QuartzScheduler[]>
  /** Of these tables those that the database doesn't have; an unqualified one is looked for where the connection is. */
  missingTables(tables: readonly TableName[]): Promise<readonly TableName[]>
  /** Of these columns those that their tables don't have; those of tables that are missing are left out. */
  missingColumns(columns: readonly ColumnName[]): Promise<readonly ColumnName[]>
  /** How many sessions other than our control connections bear one of these application names. */
  sessions(applications: readonly string[]): Promise<number>

  /**
   * Transactions alive in the server that have written, or wait to write, to any table but our own; `undefined` where the
   * server or the role's privileges do not tell.
   */
  openWriters(): Promise<readonly OpenWriter[] | undefined>
  /** What in the server's settings or the role's rights weakens the guarantees, in words; left out where nothing can. */
  warnings?(): Promise<readonly string[]>
  /** Ends the sessions of these transactions, as far as they are still the same and the role may. */
  terminate(writers: readonly OpenWriter[]): Promise<void>

  readonly runs: RunStore

  /** The newest events first. */
  events(limit: number): Promise<readonly RecordedEvent[]>

  /** Calls `onHint` when something may have changed; a hint only. */
  listen?(onHint: () => void): Promise<Subscription>
  close(): Promise<void>
}

/** What an extension of a freeze moves. */
export interface FreezeExtension {
  readonly expectedEnd?: Date | undefined
}

/** Who wants a lock, and for how long at a time. */
export interface LockRequest {
  readonly name: string
  readonly nonce: string
  readonly holder: string
  readonly owner: string
  readonly leaseMs: number
  /** How long one attempt may wait for another transaction on the same row. */
  readonly statementTimeoutMs: number
}

/** The outcome of one attempt to take a lock. */
export type LockAttempt =
  | { readonly acquired: true; readonly token: string; readonly takenOverFrom: string | undefined }
  | { readonly acquired: false; readonly held: LockRecord | undefined }
