import { compileExemptions, type ExemptionPolicy, type Exemptions, unitePolicies } from '../domain/exemption.ts'
import { writesReturnAt } from '../domain/expected-end.ts'
import type { RefusalContext, RefusedWrite } from '../domain/read-only-error.ts'
import type { FreezeRecord } from '../domain/snapshot.ts'
import type { TableWrite } from '../domain/table-write.ts'
import type { Analysis, ControlAction } from '../sql/analysis.ts'

/** What a refused statement would have done, and the freeze that refuses it. */
export interface Refusal {
  readonly write: RefusedWrite
  readonly freeze: FreezeRecord | undefined
}

/**
 * What the active freezes forbid: a write may pass only when each of them exempts it.
 *
 * Without any freeze known (a lease that was lost, a damaged state) the cluster's own exemptions alone decide.
 */
export interface Restrictions {
  readonly freezes: readonly FreezeRecord[]
  /** Whether any table or column may be written. */
  readonly exemptsSomething: boolean
  /** Why a statement is refused, or `undefined` when it may pass; the freezes in `grace` are not asked. */
  refusalOf(analysis: Analysis, grace?: ReadonlySet<string>): Refusal | undefined
  /** The write that stands for a statement all of whose writes may be skipped; never one that has an exempt part. */
  skippable(analysis: Analysis): TableWrite | undefined
  refusedColumns(write: TableWrite, grace?: ReadonlySet<string>): readonly string[] | 'all' | undefined
  mentions(table: string, schema?: string): boolean
  /** The context of a refusal, for the error; what it expects is the end of all freezes. */
  contextOf(
    freeze: Partial<FreezeRecord> | undefined,
    because: RefusalContext['because'],
    http: { readonly status: number | 'auto' },
    nowMs: number,
  ): RefusalContext
}

/** What the cluster itself lets pass, and what it lets be skipped. */
export interface WritePolicy {
  readonly exempt: Exemptions
  readonly skip: Exemptions
  /** What an unqualified table name means. */
  readonly defaultSchema: string | undefined
}

/**
 * Whether a statement depends on the mode, so that it has to wait until that is known. A rollback never does: the
 * transaction that it would leave open goes back to the pool with its connection, and swallows what others write there.
 */
export function asksForTheMode(analysis: Analysis): boolean {
  if (analysis.kind === 'read') return false
  return !(analysis.kind === 'control' && (analysis.action === 'rollback' || analysis.action === 'rollback-to'))
}

/** Compiles the exemptions of the active freezes; each one's come on top of the cluster's own. */
export function createRestrictions(
  freezes: readonly FreezeRecord[],
  { exempt: own, skip: skipped, defaultSchema }: WritePolicy,
): Restrictions {
  const base = compileExemptions(own, defaultSchema)
  const skip = compileExemptions(skipped, defaultSchema)
  const withMore = (exempt: Exemptions): ExemptionPolicy =>
    unitePolicies(base, compileExemptions(exempt, defaultSchema))
  const layers: readonly Layer[] =
    freezes.length === 0
      ? [{ policy: base, freeze: undefined }]
      : freezes.map((freeze) => ({ policy: withMore(freeze.exempt), freeze }))
  return {
    freezes,
    exemptsSomething: [own, ...freezes.map(({ exempt }) => exempt)].some((exempt) => Object.keys(exempt).length > 0),
    refusalOf(analysis, grace) {
      const asked = grace === undefined ? layers : layers.filter(({ freeze }) => !freeze || !grace.has(freeze.id))
      const [first] = asked
      if (first === undefined) return undefined
      switch (analysis.kind) {
        case 'read':
        case 'session':
        case 'lock':
          return undefined
        case 'control': {
          const why = COMMITS.get(analysis.action)
          return why === undefined ? undefined : { write: { operation: analysis.action, why }, freeze: first.freeze }
        }
        case 'write':
          return firstRefusal(asked, analysis.writes, defaultSchema)
        case 'ddl':
          return { write: { operation: analysis.verb, why: 'schema changes are never exempt' }, freeze: first.freeze }
        case 'unknown':
          return {
            write: { operation: 'statement', why: `not known to be a read: ${analysis.why}` },
            freeze: first.freeze,
          }
      }
    },
    skippable(analysis) {
      if (analysis.kind !== 'write') return undefined
      return analysis.writes.every((write) => skip.refused(write) === undefined) ? analysis.writes[0] : undefined
    },
    refusedColumns(write, grace) {
      if (skip.refused(write) === undefined) return undefined
      for (const { policy, freeze } of layers) {
        if (freeze !== undefined && grace?.has(freeze.id) === true) continue
        const refused = policy.refused(write)
        if (refused !== undefined) return refused
      }
      return undefined
    },
    mentions: (table, schema) =>
      skip.mentions(table, schema) || layers.some(({ policy }) => policy.mentions(table, schema)),
    contextOf: (freeze, because, http, nowMs) =>
      contextOf(freeze, freeze && writesReturnAt(freezes), because, http.status, nowMs),
  }
}

interface Layer {
  readonly policy: ExemptionPolicy
  readonly freeze: FreezeRecord | undefined
}

/** What commits writes that nobody here knows; a COMMIT whose transaction was seen to begin is not asked about here. */
const COMMITS: ReadonlyMap<ControlAction, string> = new Map([
  ['commit', 'no guard saw its transaction begin, which may have written before the freeze'],
  ['prepare-transaction', 'it decides about a prepared transaction'],
  ['commit-prepared', 'it decides about a prepared transaction'],
])

function firstRefusal(
  layers: readonly Layer[],
  writes: readonly TableWrite[],
  defaultSchema: string | undefined,
): Refusal | undefined {
  for (const { policy, freeze } of layers) {
    for (const write of writes) {
      const refused = policy.refused(write)
      if (refused === undefined) continue
      const isPlain = write.schema === undefined || write.schema === defaultSchema
      const table = isPlain ? write.table : `${write.schema}.${write.table}`
      const columns = refused === 'all' ? undefined : refused
      return { write: { operation: write.operation, table, columns }, freeze }
    }
  }
  return undefined
}

function contextOf(
  freeze: Partial<FreezeRecord> | undefined,
  expectedEnd: Date | undefined,
  because: RefusalContext['because'],
  status: number | 'auto',
  nowMs: number,
): RefusalContext {
  const seconds = expectedEnd && Math.max(1, Math.ceil((expectedEnd.getTime() - nowMs) / 1000))
  const auto = expectedEnd === undefined ? 403 : 503
  return {
    because,
    epoch: freeze?.epoch,
    freezeId: freeze?.id,
    reason: freeze?.reason,
    since: freeze?.since,
    expectedEnd,
    status: status === 'auto' ? auto : status,
    retryAfterSeconds: status === 'auto' || status === 503 ? seconds : undefined,
  }
}
