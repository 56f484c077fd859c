import type { Exemptions } from './exemption.ts'
import type { FreezePhase, Mode } from './mode.ts'
import type { Token } from './token.ts'

/** Whose word keeps a freeze alive: an operator's (until it is thawed) or a process's (its lease). */
export type FreezeKind = 'operator' | 'machine'

/** What happens to a machine freeze whose holder died: writes come back, or it stays until its deadline. */
export type OnHolderLost = 'thaw' | 'stay'

/** One active freeze as the database has it; remaining times are computed on the database's clock. */
export interface FreezeRecord {
  readonly id: string
  readonly nonce: string
  readonly kind: FreezeKind
  readonly phase: FreezePhase
  readonly epoch: string
  /** Identity of the database in which it began; another one means that the row was restored or failed over. */
  readonly database: string
  readonly reason: string
  /** Who asked for it: a person, a job, or the node. */
  readonly owner: string
  /** The node that holds it. */
  readonly holder: string
  /** What this freeze exempts beyond the cluster's own exemptions. */
  readonly exempt: Exemptions
  readonly onHolderLost: OnHolderLost
  readonly since: Date
  readonly expectedEnd: Date | undefined
  /** Until the holder's lease is over; `undefined` when it has none (operator, or a lost holder whose freeze stays). */
  readonly leaseRemainingMs: number | undefined
  /** Until the moment that no renewal can move; `undefined` when it has none. */
  readonly deadlineRemainingMs: number | undefined
  /** Until transactions that have written are rolled back. */
  readonly drainRemainingMs: number
  /** How long it waits for another holder when it is lost; `undefined`: until its deadline. */
  readonly takeoverMs?: number | undefined
}

/** Whether a machine's freeze stays although its holder is lost: nobody may pass it any more. */
export function isHolderless({ kind, phase, leaseRemainingMs, onHolderLost, takeoverMs }: FreezeRecord): boolean {
  if (kind !== 'machine' || phase !== 'read-only') return false
  return leaseRemainingMs === undefined || (takeoverMs !== undefined && onHolderLost === 'thaw')
}

/** The cluster's state as one statement read it. */
export interface Snapshot {
  /** The token in the cluster's row. */
  readonly token: Token
  readonly mode: Mode
  readonly freezes: readonly FreezeRecord[]
  /** The identity of the database that answered, which must equal the token's. */
  readonly database: string
  /** False when a standby answered, which must never be believed. */
  readonly primary: boolean
  /** Whether the asking node's own row was there to be renewed; true for a plain read. */
  readonly registered: boolean
}
