import type { Result } from '../../domain/executor.ts'
import type { RunCancel, RunOnHolderLost } from '../../domain/run.ts'
import type { RunOutcome, RunPhase, StepState } from '../../domain/run-transition.ts'
import type { Freeze } from '../freeze.ts'
import type { BypassOptions, BypassTransaction } from './bypass-target.ts'
import type { CompareOptions, Comparison, TableFingerprint } from './table-content.ts'

/** One step of a run. */
export interface RunStep {
  readonly name: string
  /** Does the work. It must stop soon when `holder.signal` aborts. */
  readonly run: (holder: RunHolder) => unknown
  /** Undoes what `run` did, also where `run` came only half-way. Must be repeatable: it is called again after a crash. */
  readonly undo?: (holder: RunHolder) => unknown
  /** Running it twice does what running it once does; needed for `onHolderLost: 'resume'`. Default false. */
  readonly idempotent?: boolean
  /** Its share of the progress. Default 1. */
  readonly weight?: number
  /** It and the steps behind it need no freeze: the run is verified, and the writes come back, before it. Default false. */
  readonly thawBefore?: boolean
  /** Default: none of its own. */
  readonly timeoutMs?: number
}

/** Something to be asked before a run: whether there is room, whether the backup is young enough… */
export interface RunCheck {
  readonly name: string
  /** Returns what is wrong in words (one or several), or nothing. What it throws counts as wrong, too. */
  readonly check: (signal: AbortSignal) => CheckAnswer | Promise<CheckAnswer>
}

/** What a check says. */
export type CheckAnswer = string | readonly string[] | undefined

/** What a run's own code may do. It is good for one step; kept for later, it refuses. */
export interface RunHolder {
  readonly runId: string
  readonly name: string
  /** `undefined` once the run has thawed. */
  readonly freeze: Freeze | undefined
  /** Aborts when the work has to stop: cancelled, too late, or the run is not this process's any more. */
  readonly signal: AbortSignal
  /** Tells how far the step is, 0 to 1; never goes back. */
  progress(fraction: number): void
  /** Asks the database whether run and freeze still hold. @throws QuiesceError `QUIESCE_LEASE_LOST`, `QUIESCE_FREEZE_ENDED` */
  assertHeld(): Promise<void>
  /**
   * Executes one statement in a transaction of its own on the coordination database, past guards and fence. The
   * transaction proves that the run still holds; parameters stand as the database has them (`$1`, `?`).
   *
   * @throws QuiesceError `QUIESCE_LEASE_LOST` when it does not; nothing was written then.
   */
  execute(sql: string, parameters?: readonly unknown[]): Promise<Result>
  /**
   * Runs `fn` in one transaction of a Prisma client, TypeORM data source, `pg` or `mysql2` pool, whose writes pass
   * guards and fence; and only those. The transaction proves at its beginning and before its commit that the run still
   * holds.
   *
   * @throws QuiesceError `QUIESCE_LEASE_LOST` when it does not; everything was rolled back then.
   */
  bypass<C extends object, T>(
    client: C,
    fn: (transaction: BypassTransaction<C>) => T | Promise<T>,
    options?: BypassOptions,
  ): Promise<T>
  /** Row counts and order-independent checksums of tables, computed in the database. */
  fingerprint(tables: readonly string[]): Promise<readonly TableFingerprint[]>
  /** Compares tables with their copies, in the same or another database. */
  compare(options: CompareOptions): Promise<Comparison>
}

/** How a run ended well. */
export interface RunResult {
  readonly id: string
  /** Another process ran it while this one waited for its lock. */
  readonly joined: boolean
  /** This process went on with the run of a lost one. */
  readonly takenOver: boolean
  /** What the preflight found and was forced to pass over, or only warns of. */
  readonly findings: readonly string[]
}

/** One run as every node sees it. */
export interface RunInfo {
  readonly id: string
  readonly name: string
  readonly reason: string
  readonly owner: string
  /** The node that holds it. */
  readonly holder: string
  readonly phase: RunPhase
  readonly outcome: RunOutcome | undefined
  readonly error: string | undefined
  /** 0 to 100; never goes back. */
  readonly progress: number
  readonly steps: readonly StepState[]
  readonly onHolderLost: RunOnHolderLost
  readonly freezeId: string | undefined
  /** Times that another node went on with it. */
  readonly takeovers: number
  /** Its holder is gone, and nobody has gone on with it yet. */
  readonly isLost: boolean
  readonly cancel: RunCancel | undefined
  readonly startedAt: Date
  readonly endedAt: Date | undefined
}
