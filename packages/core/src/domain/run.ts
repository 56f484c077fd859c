import type { Finding, PreflightLimits } from './preflight.ts'
import type { RunState } from './run-transition.ts'

/** What happens to a run whose holder died: another node goes on with it, undoes it, or only gives the writes back. */
export type RunOnHolderLost = 'resume' | 'rollback' | 'thaw'

/** A run to be recorded; the database adds the times. */
export interface NewRun {
  readonly id: string
  readonly nonce: string
  readonly name: string
  readonly reason: string
  readonly owner: string
  readonly holder: string
  readonly onHolderLost: RunOnHolderLost
  readonly leaseMs: number
  /** How long a lost holder's run, and its freeze, wait for another node. */
  readonly takeoverMs: number
  readonly state: RunState
}

/** One run as the database has it. */
export interface RunRecord extends Omit<NewRun, 'leaseMs'> {
  /** Times that another node took it over. */
  readonly takeovers: number
  /** The freeze that it holds or held. */
  readonly freezeId: string | undefined
  /** Never goes back. */
  readonly progress: number
  /** By the database's clock; negative when the holder is lost, `undefined` when the run has ended. */
  readonly leaseRemainingMs: number | undefined
  /** Somebody wants it to stop. */
  readonly cancel: RunCancel | undefined
  readonly startedAt: Date
  readonly endedAt: Date | undefined
}

/** Who wants a run to stop, and why. */
export interface RunCancel {
  readonly by: string
  readonly reason: string
}

/** What a holder writes when its run has moved. */
export interface RunSave {
  readonly state: RunState
  readonly freezeId: string | undefined
  /** The line of the audit trail. */
  readonly event: { readonly type: string; readonly detail: Readonly<Record<string, unknown>> }
}

/** What a holder hears when it renews its run. */
export interface RunBeat {
  readonly remainingMs: number
  readonly cancel: RunCancel | undefined
}

/** Who takes a run over. */
export interface RunTaker {
  readonly nonce: string
  readonly holder: string
  readonly leaseMs: number
}

/** A statement that a transaction of the holder's executes, for whatever client the application has. */
export interface ProofStatement {
  readonly sql: string
  readonly parameters: readonly string[]
}

/** The runs of one namespace; part of the coordination store. */
export interface RunStore {
  /** Records a run at its beginning, with a line in the audit trail. */
  begin(run: NewRun): Promise<void>
  /** Writes a new state if the run is still the caller's, and renews its lease; false when it is not. Progress never goes back. */
  save(id: string, nonce: string, save: RunSave): Promise<boolean>
  /** Renews the lease and stores the progress; `undefined` when the run is not the caller's any more, or has ended. */
  beat(id: string, nonce: string, progress: number): Promise<RunBeat | undefined>
  /**
   * Makes the run another node's if its holder is the one expected and its lease is over. Transactions that have proved
   * the old holder's claim are waited for, in bounded attempts: false then, too.
   */
  takeOver(id: string, expectedNonce: string, taker: RunTaker): Promise<boolean>
  /**
   * Ends what may be proved for the runs of these freezes, whose leases or deadlines are over: no transaction proves their
   * holders any more. False while one that has is open, in bounded attempts.
   */
  closeProofs(freezeIds: readonly string[]): Promise<boolean>
  /** Asks the holder to stop; false when the run has ended. Recorded. */
  cancel(id: string, cancel: RunCancel): Promise<boolean>
  /** Ends runs whose holder has been lost for longer than their takeover time, and says which. Recorded. */
  endLost(by: string): Promise<readonly string[]>
  /** Ends one run whatever its holder says. Recorded. */
  end(id: string, outcome: 'cancelled' | 'lost', cancel: RunCancel): Promise<boolean>
  /** What the server can say before a run. */
  findings(limits: PreflightLimits): Promise<readonly Finding[]>
  find(id: string): Promise<RunRecord | undefined>
  /** The newest first. */
  list(limit: number): Promise<readonly RunRecord[]>
  /**
   * Statements that, as the first of a transaction, each answer exactly one row while the run is this holder's and its
   * freeze is alive, and keep anybody from taking the run over until the transaction ends. A client that hangs with the
   * transaction open loses it after `idleMs`, where the server can do that. `undefined` where the coordination tables
   * are in another database than the application's.
   */
  proof(
    id: string,
    nonce: string,
    freezeNonce: string | undefined,
    idleMs: number,
  ): readonly ProofStatement[] | undefined
}
