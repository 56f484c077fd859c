import type { FenceBackend, FenceBound, FenceGap, FenceStep, RefusedEvents, SurveyRequest, TableRef } from './fence.ts'

/** How far the installation of a standing fence has come; `incomplete`: begun, changed or being removed. */
export type InstallationState = 'absent' | 'incomplete' | 'complete'

/** What is installed of a standing fence. */
export interface Installation {
  readonly state: InstallationState
  /** Tables that have its triggers. */
  readonly tables: readonly TableRef[]
}

/** One table whose triggers have to be made or removed. */
export interface TableChange extends TableRef {
  /** What its triggers shall refuse; `undefined`: it shall have none. */
  readonly refuse: RefusedEvents | undefined
}

/** What an installation has to do, and what stands in its way. */
export interface InstallationPlan {
  /** Tables that are not as they shall be. */
  readonly changes: readonly TableChange[]
  /** Whether what the tables share is what this library would make. */
  readonly current: boolean
  /** How many tables will have triggers. */
  readonly tables: number
  readonly gaps: readonly FenceGap[]
  /** Why it cannot be done, each with what helps. Empty when it can. */
  readonly obstacles: readonly string[]
}

/**
 * A fence whose triggers are there before any freeze: each write asks under a shared lock whether the cluster is frozen,
 * and raising it is a change of one row under the same lock, exclusively. It needs no DDL while freezing.
 *
 * `survey` says with `installed` whether there is anything to raise.
 */
export interface StandingBackend extends FenceBackend {
  installation(): Promise<Installation>
  /** Compares what is installed with what a policy needs; `undefined`: with nothing at all, to remove it. */
  plan(request: SurveyRequest | undefined): Promise<InstallationPlan>
  /**
   * Makes what all tables share, and takes the fence out of use until `complete`. @throws QuiesceError `QUIESCE_FENCE`
   * while a freeze uses it.
   */
  begin(bound: FenceBound): Promise<FenceStep>
  /** One bounded attempt to change the triggers of these tables, all or nothing. */
  change(tables: readonly TableChange[], bound: FenceBound): Promise<FenceStep>
  /** Puts it into use. */
  complete(bound: FenceBound): Promise<FenceStep>
  /** Removes what the tables shared; `busy` when some table still has it. */
  uninstall(bound: FenceBound): Promise<FenceStep>
  /** What these changes, with what comes before and after them, would send now; changes nothing. Left out like `script`. */
  changeScript?(changes: readonly TableChange[], end: 'complete' | 'uninstall'): Promise<readonly string[]>
}
