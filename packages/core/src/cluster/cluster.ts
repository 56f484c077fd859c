import type { GateMode } from '../domain/admission.ts'
import type { FenceSurvey } from '../domain/fence.ts'
import type { NodeHealth } from '../domain/health.ts'
import type { LockRecord } from '../domain/lock-record.ts'
import type { Enforcement, NodeRecord } from '../domain/node-record.ts'
import type { FreezeKind } from '../domain/snapshot.ts'
import type { Installation } from '../domain/standing-backend.ts'
import type { RecordedEvent } from '../domain/store.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { ClusterEvents } from './events.ts'
import type { FenceInstallation } from './fence-install.ts'
import type { FenceOption, FenceStatus } from './fence-inventory.ts'
import type { Freeze, ThawResult } from './freeze.ts'
import type { FreezeOptions } from './freeze-options.ts'
import type { Lock, LockOptions } from './lock.ts'
import type { Members } from './members.ts'
import type { PlannedOperation, PlannedStatement } from './planned-statements.ts'
import type { RunInfo, RunResult } from './run/run.ts'
import type { RunOptions } from './run/run-options.ts'
import type { ClusterStatus } from './status.ts'
import type { TransactionLockOptions } from './transaction-lock.ts'
import type { WouldRefuseCount } from './would-refuse.ts'

/** One active freeze, for status pages. */
export interface ActiveFreeze {
  readonly id: string
  readonly kind: FreezeKind
  readonly reason: string
  readonly owner: string
  readonly since: Date
  readonly expectedEnd: Date | undefined
}

/** What this node knows of the cluster, without asking anybody. */
export interface ClusterState {
  /** What this node admits; one that only reports is `read-write` as soon as it has joined. */
  readonly mode: GateMode
  readonly enforcement: Enforcement
  readonly health: NodeHealth
  readonly nodeId: string
  /** `undefined` until the node has joined. */
  readonly epoch: string | undefined
  readonly freezes: readonly ActiveFreeze[]
  /** Statements and transactions that a drain still waits for on this node. */
  readonly inFlight: number
  /** What a node that only reports would have refused, the most frequent first. */
  readonly wouldRefuse: readonly WouldRefuseCount[]
}

/** How another's freeze is ended. */
export interface ThawOptions {
  /** Who thaws; an operator's freeze may be thawed by the owner that it was made with. */
  readonly owner?: string
  /** Needed for a freeze of somebody else, together with a reason. */
  readonly force?: boolean
  readonly reason?: string
}

/** Which locks are freed. */
export type ReleaseLocks =
  | { readonly own: true }
  | { readonly dead: true }
  | { readonly name: string; readonly force: true; readonly reason: string }

/**
 * One process's part in a cluster: its gate, its membership, and the operations on the whole.
 *
 * Every method may be called concurrently; `start()` and `close()` are idempotent.
 *
 * Whatever asks the database fails with `QUIESCE_DATABASE` when it can't be used, with `QUIESCE_CONTENDED` when the server
 * undid a statement for others (a lock that they held, a deadlock, a command to end it) until the retries were used up,
 * and with `QUIESCE_CLOSED` after `close()`. `cause` is the driver's error, `data` has its `sqlState` (PostgreSQL), `errno`
 * (MySQL, MariaDB) or `code` (SQLite) where the server has spoken. What the caller's own work throws arrives as it is.
 */
export interface Cluster extends AsyncDisposable {
  /** Creates or updates the coordination tables; idempotent, and safe from many processes at once. */
  migrate(): Promise<void>
  /**
   * Joins the cluster; a guarded write does so by itself when nobody has.
   *
   * @throws QuiesceError `QUIESCE_SCHEMA` when the tables are missing, older or newer; `QUIESCE_DATABASE` when the
   *   database cannot be reached; `QUIESCE_CONTENDED` when locks of others keep it from joining.
   */
  start(): Promise<void>
  /** Waits for writes in flight, thaws this process's machine freezes, releases its locks, and leaves. */
  close(): Promise<void>
  /**
   * Makes the whole cluster read-only: when it resolves, no registered node admits a protected write or has one in
   * flight. On any failure everything is undone.
   *
   * @throws AckTimeoutError, DrainTimeoutError naming the stragglers; QuiesceError `QUIESCE_CONFIG`, `QUIESCE_ABORTED`.
   */
  freeze(options: FreezeOptions): Promise<Freeze>
  /**
   * Ends a freeze by its id, also one of another process; recorded.
   *
   * @throws QuiesceError `QUIESCE_NOT_HOLDER` when it is somebody else's and `force` and `reason` are not given.
   */
  thaw(id: string, options?: ThawOptions): Promise<ThawResult>
  /** Takes a named lock. @throws QuiesceError `QUIESCE_LOCK_HELD` naming the holder when the retries are used up. */
  lock(name: string, options?: LockOptions): Promise<Lock>
  /** Runs `fn` under a named lock and releases it, whatever `fn` does. */
  withLock<T>(name: string, fn: (lock: Lock) => T | Promise<T>, options?: LockOptions): Promise<T>
  /**
   * Runs `fn` while a row is locked in an open transaction: for short work, freed by the server when this process dies.
   * `lost` aborts when the connection breaks.
   *
   * @throws QuiesceError `QUIESCE_LOCK_HELD`; `QUIESCE_LEASE_LOST` when `fn` came to its end without the lock.
   */
  withTransactionLock<T>(
    name: string,
    fn: (lost: AbortSignal) => T | Promise<T>,
    options?: TransactionLockOptions,
  ): Promise<T>
  locks(): Promise<readonly LockRecord[]>
  /**
   * Frees lease locks without asking their holders: those of this process, those whose lease is over, or one by name.
   * Never those of another namespace; each is recorded.
   *
   * @throws QuiesceError `QUIESCE_NOT_HOLDER` for a name without `force` and a reason.
   */
  releaseLocks(which: ReleaseLocks): Promise<readonly LockRecord[]>
  /** Whether at least two instances of the application are there, by any source that `detect` names. */
  isCluster(): Promise<boolean>
  /** Who is there, and which source says so. */
  members(): Promise<Members>
  /**
   * Runs a maintenance job: preflight, lock, freeze, the steps, verify, thaw; each phase is recorded. Whatever goes wrong,
   * the run ends in the state that it declares: undone as its steps say how, unlocked, the writes back.
   *
   * @throws QuiesceError `QUIESCE_PREFLIGHT`, `QUIESCE_LOCK_HELD`, what `freeze()` throws, `QUIESCE_VERIFY`,
   *   `QUIESCE_RUN_FAILED` with the step's error, or the database's while the steps ran, as its cause,
   *   `QUIESCE_RUN_CANCELLED`, `QUIESCE_RUN_TIMEOUT`, `QUIESCE_LEASE_LOST` when the run is not this process's any more.
   */
  run(options: RunOptions): Promise<RunResult>
  /** The runs of every node, the newest first. */
  runs(limit?: number): Promise<readonly RunInfo[]>
  /**
   * Stops a run of any node: its holder hears it within a poll and undoes; where the holder is lost, the run is ended and
   * thawed at once. False when it has ended already. Recorded.
   */
  cancelRun(id: string, reason: string): Promise<boolean>
  nodes(): Promise<readonly NodeRecord[]>
  /**
   * What the fence of a freeze would cover, what slips past it, and what stands in its way; `undefined` where the
   * database cannot refuse writes by itself. Changes nothing.
   */
  fenceSurvey(options?: Pick<FreezeOptions, 'exempt' | 'tables' | 'fenceBackend'>): Promise<FenceSurvey | undefined>
  /**
   * Every way in which this database can refuse writes by itself, with what stands in its way and what slips past it;
   * empty where there is none. Changes nothing.
   */
  fenceOptions(): Promise<readonly FenceOption[]>
  /** The fences that stand in the database: of active freezes, and those that were left behind. */
  fences(): Promise<readonly FenceStatus[]>
  /**
   * Lowers fences that no active freeze has, as the nodes do by themselves; with `foreign` also those of other
   * namespaces or other coordination tables, which a restored dump may hold. Says which.
   */
  liftFences(options?: { readonly foreign?: boolean }): Promise<readonly FenceStatus[]>
  /**
   * Installs the standing fence, or brings it up to date: triggers that ask in each write whether the cluster is frozen,
   * so that a freeze needs no DDL. Once, as a migration, by the owner of the tables; idempotent. The exemptions are the
   * cluster's and `exempt`; a freeze that needs others is not fenced by it.
   *
   * @throws QuiesceError `QUIESCE_FENCE` with all reasons, also while a freeze uses it; `QUIESCE_CONTENDED`.
   */
  installFence(options?: Pick<FreezeOptions, 'exempt' | 'tables'>): Promise<FenceInstallation>
  /** Removes the standing fence. @throws As `installFence`. */
  removeFence(): Promise<FenceInstallation>
  /** What is installed of the standing fence. */
  fenceInstallation(): Promise<Installation>
  /**
   * The statements that an operation would send to the database now, in their order: the coordination tables' DDL, the
   * fence's of a freeze and of its thaw, the standing fence's. Made by the code that sends them, table by table where it
   * may send several tables at once; what changes from freeze to freeze (its id, the digest of its secret) is all zeros.
   * Changes nothing. Empty where there is nothing to do, or where a freeze would get no fence.
   *
   * @throws QuiesceError `QUIESCE_FENCE` with what is in the way of an installation.
   */
  plannedStatements(planned: PlannedOperation): Promise<readonly PlannedStatement[]>
  /** The cluster as the database has it: asked without joining, so that no node appears and nothing is written. */
  status(): Promise<ClusterStatus>
  /** What weakens the promise here: the tables' version, the server's settings, open writers, unregistered instances. */
  diagnose(): Promise<Diagnosis>
  /** The audit trail, newest first. */
  history(limit?: number): Promise<readonly RecordedEvent[]>
  readonly state: ClusterState
  /** Refuses a side effect that is not SQL (a mail, a file) while writes are refused. @throws ReadOnlyError */
  assertWritable(what: string): void
  /** Calls `listener` for each event; returns what removes it. */
  on<K extends keyof ClusterEvents>(name: K, listener: (event: ClusterEvents[K]) => void): () => void
}
