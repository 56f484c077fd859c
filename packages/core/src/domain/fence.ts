import type { ExemptionPolicy } from './exemption.ts'
import type { FenceMark } from './fence-mark.ts'
import type { StatementVerdict } from './fence-verdict.ts'
import type { OpenWriter } from './store.ts'

/** Which tables a fence covers; by default every table that the role owns or may write, except exempt ones and our own. */
export interface TableSelection {
  /** Only tables of these schemas. */
  readonly schemas?: readonly string[] | undefined
  /** Only these tables: `table` (in the default schema) or `schema.table`, in the database's names. */
  readonly include?: readonly string[] | undefined
  /** Not these, named alike. Writes to them are held back by the nodes alone. */
  readonly exclude?: readonly string[] | undefined
}

/** One table in the database's own names. */
export interface TableRef {
  readonly schema: string
  readonly table: string
}

/** What a fence refuses on one table. */
export interface RefusedEvents {
  readonly insert: boolean
  /** `true`: every update; a list: updates of these columns; `false`: none. */
  readonly update: boolean | readonly string[]
  readonly delete: boolean
  readonly truncate: boolean
}

/** A table that a fence shall cover. */
export interface FenceTable extends TableRef {
  readonly refuse: RefusedEvents
  /** Writes so far, in whatever unit the server counts; the tables with the most are fenced last. */
  readonly heat: number
  /** Whether the fence that the survey was asked about already refuses all of this. */
  readonly covered: boolean
}

/** Something that can still be written past the fence on this database, for `Freeze.fence`, `doctor` and the docs. */
export interface FenceGap {
  /** A stable name of the kind of gap, e.g. `materialized-view`. */
  readonly kind: string
  /** What it is about, as `schema.table` or the like; `undefined` where it is general. */
  readonly subject?: string | undefined
  /** What can slip through, and what to do about it. */
  readonly message: string
}

/** What a fence would cover, and what stands in its way. */
export interface FenceSurvey {
  readonly tables: readonly FenceTable[]
  readonly gaps: readonly FenceGap[]
  /** Why no fence can be raised, or not be lowered again: each with what and which grant helps. Empty when it can. */
  readonly obstacles: readonly string[]
  /** How long raising it takes when nobody is in the way, where that is worth telling. */
  readonly estimateMs?: number | undefined
  /** False when the backend has to be installed first and is not; left out where nothing is installed. */
  readonly installed?: boolean | undefined
}

/** A fence to be raised. */
export interface FenceSpec extends FenceMark {
  readonly freezeId: string
  /** Shown in refusals. */
  readonly reason: string
  /** Lower-case hexadecimal SHA-256 of the token that passes; `undefined`: nothing passes. */
  readonly tokenDigest: string | undefined
  /** What the freeze's row has to hold when a token is set: who slept while another took over sets none any more. */
  readonly nonce: string
}

/** A fence as the catalog has it. */
export interface StandingFence {
  readonly mark: FenceMark
  readonly tables: readonly TableRef[]
  /** Whether some token passes it, as far as can be told. */
  readonly passable: boolean
}

/** How long one attempt may wait in front of others. */
export interface FenceBound {
  /** The longest wait for one lock, also the longest time that anybody queues behind it. */
  readonly lockWaitMs: number
}

/** How much one attempt may take on, how many run at once, and how long one may keep others waiting. */
export interface FencePace {
  readonly tablesAtOnce: number
  /** Whether tables that were busy together are tried again one by one. */
  readonly oneByOne: boolean
  readonly parallel: number
  /** The longest wait of an attempt to raise: as long may writers (on some databases readers too) queue behind it. */
  readonly longestRaiseMs: number
  /** The same for an attempt to lower, which readers queue behind on every database. */
  readonly longestLowerMs: number
}

/**
 * How one attempt on some tables ended: `done`, or `busy`: others were in the way, nothing of it has happened, try again.
 * A table that is gone counts as done.
 */
export type FenceStep = 'done' | 'busy'

/** What a fence sends to the server, for plans: the same text, made by the code that sends it. */
export interface FenceScript {
  readonly raise: readonly string[]
  readonly lower: readonly string[]
}

/** Statements that show a token to the fences, for the transactions of its holder. */
export interface TokenStatements {
  /** Run first in the transaction; `parameters` hold the secret, so it is in no statement's text. */
  readonly show: { readonly sql: string; readonly parameters: readonly unknown[] }
  /** Run when the transaction has ended, where the server would not forget the token by itself. */
  readonly hide?: { readonly sql: string } | undefined
}

/**
 * The pieces of a fence that only the database's dialect knows; the order, the retries and the undoing are the cluster's.
 *
 * Every method is idempotent, and one that throws has changed nothing that `lower` and `clear` would not remove. Errors
 * are `QuiesceError`s.
 */
export interface FenceBackend {
  /** `on-freeze` or `standing`, for people. */
  readonly name: string
  readonly pace: FencePace
  /** True of one that is taken only where a freeze asks for it by its name. */
  readonly byNameOnly?: boolean | undefined
  /** True where no token passes, so that the holder itself cannot write. */
  readonly refusesHolder?: boolean | undefined
  /** Ours, see `FenceMark`. */
  readonly scope: string
  /** What it did with every way to write that we know of; the same of every database of this product. */
  verdicts(): Promise<readonly StatementVerdict[]>
  /** Looks at the catalog: what a fence has to cover under this policy, with `covered` for the fence of that mark. */
  survey(request: SurveyRequest): Promise<FenceSurvey>
  /**
   * Makes what all tables of a fence share; before the first `raise`.
   *
   * @throws QuiesceError `QUIESCE_FENCE` when the freeze has ended or has got another holder, as `rekey` does.
   */
  prepare(fence: FenceSpec): Promise<void>
  /**
   * One bounded attempt to fence these tables, all or nothing. When it is done, every transaction that had written to
   * them has ended, and every later write is refused. A table that was fenced with fewer columns is fenced anew.
   *
   * @throws QuiesceError `QUIESCE_FENCE` when the freeze has ended, so that nothing stands behind it: see `settle`.
   */
  raise(fence: FenceSpec, tables: readonly FenceTable[], bound: FenceBound): Promise<FenceStep>
  /** Transactions that keep these tables from being fenced; `undefined` where the server does not tell. */
  blockers(tables: readonly TableRef[]): Promise<readonly OpenWriter[] | undefined>
  /**
   * Changes whose token passes a fence that stands: from now on only this spec's digest, or nobody's. In no moment does
   * the fence let anybody else pass; a transaction that had written before is not ended by it.
   *
   * @throws QuiesceError `QUIESCE_FENCE` when the freeze has ended or has another nonce; `QUIESCE_CONTENDED` when such a
   *   transaction is in the way, and nothing has changed.
   */
  rekey(fence: FenceSpec): Promise<void>
  /**
   * Waits for attempts to raise this fence, or to say who passes it, that began before its freeze ended, and ends those
   * that hang, whichever process they are of; none begins any more. `busy`: one could not be ended. Left out where an
   * attempt asks for the freeze in the same transaction as it raises.
   */
  settle?(mark: FenceMark): Promise<FenceStep>
  /**
   * Lets everything pass at once; the objects stay. `busy`: somebody keeps the fence as it is, and it refuses as before.
   * Left out where that is not possible.
   */
  disarm?(mark: FenceMark): Promise<FenceStep>
  /** One bounded attempt to take the fence off these tables. */
  lower(mark: FenceMark, tables: readonly TableRef[], bound: FenceBound): Promise<FenceStep>
  /** Removes what the tables shared, after the last `lower`; `busy` when some table still has it. */
  clear(mark: FenceMark): Promise<FenceStep>
  /**
   * What raising this fence on these tables would send now, table by table, and lowering it after; changes nothing. Left
   * out where it cannot be told before.
   */
  script?(fence: FenceSpec, tables: readonly FenceTable[]): Promise<FenceScript>
  /** What lowering a fence that stands on these tables would send now; changes nothing. Left out like `script`. */
  lowerScript?(mark: FenceMark, tables: readonly TableRef[]): Promise<readonly string[]>
  /** Every fence in the catalog, of every scope, also those that are half removed. */
  standing(): Promise<readonly StandingFence[]>
  /**
   * Makes everybody's DDL wait, in the whole server, until the fence is disarmed, rekeyed or lowered, or this process
   * ends. The signal aborts when it ends otherwise. Left out where the database can't.
   */
  holdDdl?(mark: FenceMark): Promise<AbortSignal>
  /** How a holder passes fences: one token for each. */
  present(tokens: readonly string[]): TokenStatements
}

/** What a survey is asked for. */
export interface SurveyRequest {
  readonly policy: ExemptionPolicy
  readonly selection: TableSelection
  /** Whether DDL shall be held back too; see `holdDdl`. */
  readonly holdDdl?: boolean | undefined
  /** What an unqualified name in the selection means; `undefined`: the connection's own. */
  readonly defaultSchema: string | undefined
  /** The fence whose coverage is asked for; `undefined`: none stands yet. */
  readonly mark?: FenceMark | undefined
}

/** What is refused on a table under a policy; `undefined` when nothing is. `columns` without generated ones. */
export function refusedEvents(
  policy: ExemptionPolicy,
  { schema, table }: TableRef,
  columns: readonly string[],
): RefusedEvents | undefined {
  const refuses = (operation: 'insert' | 'delete' | 'truncate'): boolean =>
    policy.refused({ operation, schema, table, columns: 'all' }) !== undefined
  const refuse = {
    insert: refuses('insert'),
    update: refusedUpdates(policy, { schema, table }, columns),
    delete: refuses('delete'),
    truncate: refuses('truncate'),
  }
  return refuse.insert || refuse.update !== false || refuse.delete || refuse.truncate ? refuse : undefined
}

function refusedUpdates(
  policy: ExemptionPolicy,
  { schema, table }: TableRef,
  columns: readonly string[],
): boolean | readonly string[] {
  const refused = policy.refused({ operation: 'update', schema, table, columns })
  if (refused === undefined) return false
  return refused === 'all' || refused.length === columns.length ? true : refused
}
