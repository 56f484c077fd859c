import type { Outcome, SkippedWrite } from '../domain/admission.ts'
import type { Lease } from '../domain/lease.ts'
import type { Mode } from '../domain/mode.ts'
import type { FreezeRecord } from '../domain/snapshot.ts'
import type { TableWrite } from '../domain/table-write.ts'
import type { Analysis } from '../sql/analysis.ts'
import type { SkippedAnswer } from '../sql/answer-of-skipped.ts'
import type { RefusalOptions } from './refusals.ts'
import type { WritePolicy } from './restrictions.ts'

/** What a gate is made of. */
export interface GateOptions extends RefusalOptions {
  readonly lease: Lease
  readonly analyze: (sql: string) => Analysis
  /** How a write that may be skipped is answered. */
  readonly answerOfSkipped: (sql: string) => SkippedAnswer | undefined
  readonly policy: WritePolicy
  readonly outcomeOf: (error: unknown) => Outcome
  /** Joins the cluster if nobody has; resolves when the node knows the mode. */
  readonly ready: () => Promise<void>
  /** Called when the belt can't be put on, or is off. */
  readonly onWarning?: (message: string, error?: unknown) => void
  /** The freezes that whoever calls now may pass: those of its own run. Asked only while writes are refused. */
  readonly passing?: () => ReadonlySet<string> | undefined
  readonly onSkipped?: (skipped: SkippedWrite) => void
  /** A write passed although the cluster is not read-write. */
  readonly onExempt?: (writes: readonly TableWrite[], because: 'exempt' | 'grace') => void
}

/** The state of the cluster as a node applies it. */
export interface AppliedState {
  readonly mode: Mode
  readonly freezes: readonly FreezeRecord[]
}
