import { z } from 'zod'
import type { Exemptions } from '../domain/exemption.ts'
import type { TableSelection } from '../domain/fence.ts'
import { configError, exemptionsSchema, type Problem, problemsOf } from './options.ts'

const ms = z.int().min(1).max(2_147_483_647)

const DRAIN_TIMEOUT_MS = 10_000
const ACK_TIMEOUT_MS = 30_000

const names = z.array(z.string().min(1)).min(1)

const schema = z.strictObject({
  reason: z.string().trim().min(1).max(500),
  owner: z.string().trim().min(1).max(200).optional(),
  kind: z.enum(['machine', 'operator']).default('machine'),
  exempt: exemptionsSchema.default({}),
  drainTimeoutMs: ms.default(DRAIN_TIMEOUT_MS),
  ackTimeoutMs: ms.default(ACK_TIMEOUT_MS),
  maxFreezeMs: ms.optional(),
  expectedEnd: z.date().optional(),
  onHolderLost: z.enum(['thaw', 'stay']).default('thaw'),
  awaitServer: z.boolean().default(true),
  terminateBlockers: z.boolean().default(false),
  fence: z.enum(['auto', 'required', 'off']).default('auto'),
  fenceBackend: z.enum(['triggers', 'schema']).default('triggers'),
  tables: z
    .strictObject({ schemas: names.optional(), include: names.optional(), exclude: names.optional() })
    .default({}),
  holdDdl: z.boolean().default(false),
  acceptReporting: z.boolean().default(false),
  signal: z.instanceof(AbortSignal).optional(),
})

/** What a freeze is asked for with. */
export interface FreezeOptions {
  /** Why; shown in refusals, status and the audit trail. */
  readonly reason: string
  /** Who asks: a person or a job. Default: the node's host and pid. */
  readonly owner?: string
  /** `'machine'` (default): lives by this process's lease. `'operator'`: stays until somebody thaws it. */
  readonly kind?: 'machine' | 'operator'
  /** What this freeze exempts on top of the cluster's exemptions. */
  readonly exempt?: Exemptions
  /** How long transactions that have written may go on before they are rolled back. Default 10 000. */
  readonly drainTimeoutMs?: number
  /** How long to wait for every node's ack, the drain included, before everything is undone. Default 30 000. */
  readonly ackTimeoutMs?: number
  /** The freeze ends after this time whatever happens; no renewal can move it. Default: no such end. */
  readonly maxFreezeMs?: number
  /** When clients may expect writes again (`Retry-After`). */
  readonly expectedEnd?: Date
  /** What happens when this process dies: writes come back (`'thaw'`, default), or the freeze stays until its deadline. */
  readonly onHolderLost?: 'thaw' | 'stay'
  /**
   * Also wait for transactions of any other program that have written in this database before the freeze. Default true;
   * false where unrelated long transactions share the database.
   */
  readonly awaitServer?: boolean
  /**
   * End the database sessions that are still in the way after `drainTimeoutMs`, instead of failing; their transactions
   * are rolled back. Default false.
   */
  readonly terminateBlockers?: boolean
  /**
   * Whether the database itself refuses writes while frozen, also those of programs without a guard: `'auto'` (default)
   * where it can, with the reason in `Freeze.fence` where it can't; `'required'` fails instead; `'off'`.
   */
  readonly fence?: 'auto' | 'required' | 'off'
  /**
   * How it refuses: by `'triggers'` (default), which let the holder and exemptions pass, or, on MySQL, by making whole
   * schemas READ ONLY (`'schema'`): DDL and TRUNCATE are refused too, and so is the holder. That needs the coordination
   * tables in another schema, and no exemption in those that are frozen.
   */
  readonly fenceBackend?: 'triggers' | 'schema'
  /** Which tables the fence covers. Default: all that the role owns or may write, except exempt ones. */
  readonly tables?: TableSelection
  /**
   * Also make DDL wait while frozen, TRUNCATE included: everybody's, in the whole server, yours too. MySQL (needs
   * BACKUP_ADMIN) and MariaDB (RELOAD) only, and only for as long as this process lives. Default false.
   */
  readonly holdDdl?: boolean
  /**
   * Freeze although nodes of the cluster only report (`enforcement: 'report'`), to see what a freeze would refuse: those
   * nodes go on writing, `guarantee` is `'none'`, and `reporting` names them. No fence is raised then, which would
   * refuse what they let pass. Default false: such a node fails the freeze.
   */
  readonly acceptReporting?: boolean
  /** Aborting undoes the freeze. */
  readonly signal?: AbortSignal
}

type Defaulted =
  | 'kind'
  | 'exempt'
  | 'drainTimeoutMs'
  | 'ackTimeoutMs'
  | 'onHolderLost'
  | 'awaitServer'
  | 'terminateBlockers'
  | 'fence'
  | 'fenceBackend'
  | 'tables'
  | 'holdDdl'
  | 'acceptReporting'

/** Checked options with every default filled in. */
export type ResolvedFreezeOptions = Required<Pick<FreezeOptions, Defaulted>> & {
  readonly [K in Exclude<keyof FreezeOptions, Defaulted>]-?: FreezeOptions[K] | undefined
} & { readonly reason: string }

/** @throws QuiesceError `QUIESCE_CONFIG` with all problems at once. */
export function resolveFreezeOptions(input: unknown): ResolvedFreezeOptions {
  const parsed = schema.safeParse(input)
  const problems = [
    ...(parsed.success ? [] : problemsOf(parsed.error, input)),
    ...timeoutProblems(input),
    ...reportingProblems(input),
    ...holdProblems(input),
    ...backendProblems(input),
  ]
  if (!parsed.success || problems.length > 0) throw configError('freeze()', problems)
  return { owner: undefined, maxFreezeMs: undefined, expectedEnd: undefined, signal: undefined, ...parsed.data }
}

/** Judged beside the other problems, so that all of them are told at once. */
function timeoutProblems(input: unknown): readonly Problem[] {
  const given = (typeof input === 'object' && input !== null ? input : {}) as Partial<FreezeOptions>
  const { drainTimeoutMs = DRAIN_TIMEOUT_MS, ackTimeoutMs = ACK_TIMEOUT_MS } = given
  if (typeof drainTimeoutMs !== 'number' || typeof ackTimeoutMs !== 'number' || ackTimeoutMs > drainTimeoutMs) return []
  const message = `must be more than drainTimeoutMs (${drainTimeoutMs}), which it includes`
  return [{ path: 'ackTimeoutMs', message, value: String(ackTimeoutMs) }]
}

function reportingProblems(input: unknown): readonly Problem[] {
  const { fence, acceptReporting } = (
    typeof input === 'object' && input !== null ? input : {}
  ) as Partial<FreezeOptions>
  if (fence !== 'required' || acceptReporting !== true) return []
  const message = "contradicts fence: 'required', which would refuse what nodes that only report let pass"
  return [{ path: 'acceptReporting', message, value: 'true' }]
}

function holdProblems(input: unknown): readonly Problem[] {
  const { kind, fence, holdDdl } = (typeof input === 'object' && input !== null ? input : {}) as Partial<FreezeOptions>
  if (holdDdl !== true || (kind !== 'operator' && fence !== 'off')) return []
  const message =
    kind === 'operator'
      ? "needs kind: 'machine', because it ends with this process"
      : "closes what a fence leaves open, and fence is 'off'"
  return [{ path: 'holdDdl', message, value: 'true' }]
}

/** The backend that a freeze asks for by its name; `undefined`: any of triggers. */
export function namedBackend({ fenceBackend }: Pick<ResolvedFreezeOptions, 'fenceBackend'>): string | undefined {
  return fenceBackend === 'schema' ? fenceBackend : undefined
}

function backendProblems(input: unknown): readonly Problem[] {
  const { fence, holdDdl, fenceBackend } = (
    typeof input === 'object' && input !== null ? input : {}
  ) as Partial<FreezeOptions>
  if (fenceBackend !== 'schema') return []
  const problem = (message: string): Problem => ({ path: 'fenceBackend', message, value: "'schema'" })
  return [
    ...(fence === 'off' ? [problem("needs a fence, and fence is 'off'")] : []),
    ...(holdDdl === true ? [problem('refuses DDL by itself; leave holdDdl out')] : []),
  ]
}
