import type { Exemptions } from './exemption.ts'
import { type Mode, modeOf } from './mode.ts'
import type { FreezeKind, FreezeRecord, OnHolderLost, Snapshot } from './snapshot.ts'
import { nextEpoch, type Token } from './token.ts'

/** A freeze to be inserted; the database adds the times. */
export interface NewFreeze {
  readonly id: string
  readonly nonce: string
  readonly kind: FreezeKind
  readonly reason: string
  readonly owner: string
  readonly holder: string
  readonly exempt: Exemptions
  readonly onHolderLost: OnHolderLost
  /** An operator freeze has a lease too until it is confirmed, so that one whose maker died half-way is undone. */
  readonly leaseMs: number
  readonly drainTimeoutMs: number
  /** From now; `undefined` for no deadline. */
  readonly deadlineMs: number | undefined
  readonly expectedEnd: Date | undefined
  /**
   * A freeze that stays when its holder is lost waits this long for another one; then it is thawed. Left out: it stays
   * until its deadline.
   */
  readonly takeoverMs?: number | undefined
}

/** A freeze that gets another holder, or that waits for one: whoever knew its nonce has lost it. */
export interface Handover {
  readonly id: string
  readonly nonce: string
  readonly holder: string
  readonly onHolderLost: OnHolderLost
  readonly leaseMs: number
}

/** Who ended a freeze and why, for the audit trail. */
export interface Ending {
  readonly id: string
  readonly by: string
  readonly why: 'thawed' | 'forced' | 'aborted' | 'holder-lost' | 'deadline' | 'state-lost'
  readonly note?: string | undefined
}

/** One line of the audit trail. */
export interface AuditEvent {
  readonly type: string
  readonly freezeId?: string | undefined
  readonly detail: Readonly<Record<string, unknown>>
}

/** What one compare-and-set changes, all or nothing. */
export interface Change {
  readonly epoch: string
  readonly mode: Mode
  readonly database: string
  readonly begin?: NewFreeze | undefined
  /** Freezes whose phase becomes read-only and whose lease is renewed; each must still be alive on the database's clock. */
  readonly confirm: readonly string[]
  readonly end: readonly Ending[]
  /** Freezes that lose their lease but stay, until the deadline. */
  readonly keep: readonly string[]
  readonly hand: readonly Handover[]
  readonly events: readonly AuditEvent[]
}

/** What somebody wants of the cluster. */
export type Command =
  | { readonly type: 'begin'; readonly freeze: NewFreeze }
  | { readonly type: 'confirm'; readonly id: string }
  | { readonly type: 'end'; readonly ending: Ending }
  /** Go on with a freeze whose holder is lost, without a gap: the cluster stays as it is. */
  | { readonly type: 'take-over'; readonly handover: Omit<Handover, 'onHolderLost'> }
  /** Lift what has run out on the database's clock: leases of dead holders, deadlines. */
  | {
      readonly type: 'expire'
      readonly by: string
      readonly lockDelayMs: number
      /** These still wait for transactions of their lost holders. */
      readonly waiting?: readonly string[]
    }
  /** Re-establish the state in a database whose identity changed or whose epoch went backwards. */
  | { readonly type: 'adopt'; readonly by: string; readonly seenEpoch: string }

/**
 * The next state of a cluster for a command, or `undefined` when there is nothing to do.
 *
 * Pure: the caller writes the change by compare-and-set on the token of the snapshot, and reads and asks again when
 * somebody else was faster.
 */
export function transition(snapshot: Snapshot, command: Command): Change | undefined {
  switch (command.type) {
    case 'begin':
      return begin(snapshot, command.freeze)
    case 'confirm':
      return confirm(snapshot, command.id)
    case 'end':
      return end(snapshot, [command.ending])
    case 'take-over':
      return takeOver(snapshot, command.handover)
    case 'expire':
      return expire(snapshot, command)
    case 'adopt':
      return adopt(snapshot, command.by, command.seenEpoch)
  }
}

function begin(snapshot: Snapshot, freeze: NewFreeze): Change | undefined {
  // The answer to an earlier attempt may have been lost.
  if (snapshot.freezes.some(({ id }) => id === freeze.id)) return undefined
  const { id, kind, reason, owner, holder } = freeze
  return {
    ...unchanged(snapshot),
    epoch: nextEpoch(snapshot.token.epoch),
    mode: modeOf([...snapshot.freezes, { phase: 'draining' }]),
    begin: freeze,
    events: [{ type: 'freeze-begun', freezeId: id, detail: { kind, reason, owner, holder } }],
  }
}

function confirm(snapshot: Snapshot, id: string): Change | undefined {
  if (!snapshot.freezes.some((freeze) => freeze.id === id)) return undefined
  return {
    ...unchanged(snapshot),
    mode: 'read-only',
    confirm: [id],
    events: [{ type: 'frozen', freezeId: id, detail: {} }],
  }
}

function end(snapshot: Snapshot, endings: readonly Ending[]): Change | undefined {
  const ended = endings.filter(({ id }) => snapshot.freezes.some((freeze) => freeze.id === id))
  if (ended.length === 0) return undefined
  const rest = snapshot.freezes.filter(({ id }) => !ended.some((ending) => ending.id === id))
  return {
    ...unchanged(snapshot),
    epoch: nextEpoch(snapshot.token.epoch),
    mode: modeOf(rest),
    end: ended,
    events: ended.map(({ id, by, why, note }) => ({ type: 'thawed', freezeId: id, detail: { by, why, note } })),
  }
}

function takeOver(snapshot: Snapshot, handover: Omit<Handover, 'onHolderLost'>): Change | undefined {
  const { id, nonce, holder: by } = handover
  const freeze = snapshot.freezes.find((active) => active.id === id)
  // Only a complete freeze has kept everybody out; and the answer to an earlier attempt may have been lost.
  if (freeze === undefined || freeze.phase !== 'read-only' || freeze.nonce === nonce) return undefined
  if (isOver(freeze.deadlineRemainingMs, 0)) return undefined
  return {
    ...unchanged(snapshot),
    epoch: nextEpoch(snapshot.token.epoch),
    hand: [{ ...handover, onHolderLost: 'stay' }],
    events: [{ type: 'freeze-taken-over', freezeId: id, detail: { by, from: freeze.holder } }],
  }
}

/** What of the active freezes has run out. */
export interface Expired {
  /** Their deadline is over. */
  readonly late: readonly FreezeRecord[]
  /** Their holder is lost, and writes come back. */
  readonly dropped: readonly FreezeRecord[]
  /** Their holder is lost, and they stay. */
  readonly staying: readonly FreezeRecord[]
}

/** Sorts the freezes that have run out. */
export function expiredIn({ freezes }: Pick<Snapshot, 'freezes'>, lockDelayMs: number): Expired {
  const late = freezes.filter(({ deadlineRemainingMs }) => isOver(deadlineRemainingMs, 0))
  const lost = freezes.filter((freeze) => !late.includes(freeze) && isOver(freeze.leaseRemainingMs, lockDelayMs))
  const stays = ({ onHolderLost, phase }: FreezeRecord): boolean => onHolderLost === 'stay' && phase === 'read-only'
  return { late, dropped: lost.filter((freeze) => !stays(freeze)), staying: lost.filter(stays) }
}

function expire(
  snapshot: Snapshot,
  { by, lockDelayMs, waiting = [] }: Extract<Command, { type: 'expire' }>,
): Change | undefined {
  const freezes = snapshot.freezes.filter(({ id }) => !waiting.includes(id))
  const { late, dropped, staying } = expiredIn({ freezes }, lockDelayMs)
  const lost = freezes.filter((freeze) => dropped.includes(freeze) || staying.includes(freeze))
  if (late.length + lost.length === 0) return undefined
  const change = end(snapshot, [
    ...late.map(({ id }) => ({ id, by, why: 'deadline' as const })),
    ...dropped.map(({ id }) => ({ id, by, why: 'holder-lost' as const })),
  ])
  return {
    ...(change ?? unchanged(snapshot)),
    keep: staying.filter(({ takeoverMs }) => takeoverMs === undefined).map(({ id }) => id),
    hand: staying.flatMap((freeze) => orphaned(freeze, snapshot.token)),
    events: [
      ...lost.map(({ id, holder, onHolderLost }) => takeover(id, by, holder, onHolderLost)),
      ...(change?.events ?? []),
    ],
  }
}

/** Waits for another holder; when nobody comes, the lease runs out once more and the writes come back. */
function orphaned({ id, holder, takeoverMs }: FreezeRecord, { epoch }: Token): readonly Handover[] {
  if (takeoverMs === undefined) return []
  return [{ id, holder, nonce: `lost-${nextEpoch(epoch)}`, onHolderLost: 'thaw', leaseMs: takeoverMs }]
}

function takeover(freezeId: string, by: string, from: string, onHolderLost: OnHolderLost): AuditEvent {
  return { type: 'takeover', freezeId, detail: { by, from, onHolderLost } }
}

function adopt(snapshot: Snapshot, by: string, seenEpoch: string): Change {
  const foreign = snapshot.freezes.filter(({ kind, database }) => kind === 'machine' && database !== snapshot.database)
  const highest = BigInt(seenEpoch) > BigInt(snapshot.token.epoch) ? seenEpoch : snapshot.token.epoch
  const rest = snapshot.freezes.filter((freeze) => !foreign.includes(freeze))
  return {
    ...unchanged(snapshot),
    epoch: nextEpoch(highest),
    mode: modeOf(rest),
    database: snapshot.database,
    end: foreign.map(({ id }) => ({ id, by, why: 'state-lost' })),
    events: [{ type: 'state-adopted', detail: { by, from: snapshot.token, seenEpoch, database: snapshot.database } }],
  }
}

function unchanged({ token, mode }: { readonly token: Token; readonly mode: Mode }): Change {
  return { epoch: token.epoch, mode, database: token.database, confirm: [], end: [], keep: [], hand: [], events: [] }
}

function isOver(remainingMs: number | undefined, delayMs: number): boolean {
  return remainingMs !== undefined && remainingMs + delayMs <= 0
}
