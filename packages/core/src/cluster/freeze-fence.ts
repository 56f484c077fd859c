import { compileExemptions, unitePolicies } from '../domain/exemption.ts'
import type { FenceSpec, SurveyRequest } from '../domain/fence.ts'
import { fenceError } from '../domain/fence-error.ts'
import { type FenceMark, shortFreezeId } from '../domain/fence-mark.ts'
import type { NewFreeze } from '../domain/transition.ts'
import type { DrainContext, DrainFence } from './drain-cluster.ts'
import type { FenceLowering } from './fence-lower.ts'
import { createFenceToken } from './fence-token.ts'
import type { FenceWatch } from './fence-watch.ts'
import type { FencePlan, Fencer } from './fencer.ts'
import { namedBackend, type ResolvedFreezeOptions } from './freeze-options.ts'

/** The parts of a process that fence. */
export interface FenceParts {
  readonly fencer: Fencer
  /** `undefined` where the database has no fences. */
  readonly lowering: FenceLowering | undefined
  /** See `FenceMark`. */
  readonly scope: string
}

/** The fence of one freeze, from its making to its end. */
export interface FreezeFence {
  readonly drain: DrainFence
  /** The holder's secret; `undefined` until it stands, and where none does. */
  readonly token: string | undefined
  /** Fences what appears from now on; `undefined` where no fence stands. */
  watch(signal: AbortSignal): FenceWatch | undefined
  /** Takes it off again; harmless when it never stood. */
  lower(): Promise<void>
}

/** What a fence with these options would cover. */
export function fenceRequest(
  { options: cluster, defaultSchema }: Pick<DrainContext, 'options' | 'defaultSchema'>,
  { exempt, tables, holdDdl }: Pick<ResolvedFreezeOptions, 'exempt' | 'tables'> & { readonly holdDdl?: boolean },
): SurveyRequest {
  const [own, more] = [compileExemptions(cluster.exempt, defaultSchema), compileExemptions(exempt, defaultSchema)]
  return { policy: unitePolicies(own, more), selection: tables, holdDdl, defaultSchema }
}

/**
 * Decides, before anything is frozen, whether this freeze will be fenced: not where nodes that only report are to go on.
 * One that has a fence already names the backend of that.
 *
 * @throws QuiesceError `QUIESCE_FENCE` with all reasons when a fence is required and not possible.
 */
export async function planFence(
  context: DrainContext,
  { fencer }: FenceParts,
  options: ResolvedFreezeOptions,
  backend: string | undefined = namedBackend(options),
): Promise<FencePlan> {
  const isTrial = options.acceptReporting || context.options.enforcement === 'report'
  if (isTrial && options.fence !== 'off') {
    const reason = 'nodes that only report are accepted, and the database would refuse what they let pass'
    if (options.fence === 'required') throw fenceError([reason])
    return { possible: false, reason }
  }
  return fencer.plan({
    fence: options.fence,
    request: fenceRequest(context, options),
    timeoutMs: options.drainTimeoutMs,
    terminate: options.terminateBlockers,
    insistent: options.awaitServer,
    backend,
  })
}

/** The fence of a freeze that has begun at `epoch`. */
export function freezeFence(
  parts: FenceParts,
  plan: FencePlan,
  { id, reason, nonce }: NewFreeze,
  epoch: string,
): FreezeFence {
  const { fencer, lowering } = parts
  if (!plan.possible) {
    const raise: DrainFence['raise'] = async () => ({ backend: undefined, tables: 0, gaps: [], reason: plan.reason })
    return {
      drain: { reason: plan.reason, covers: () => false, coversAll: false, raise },
      token: undefined,
      watch: () => undefined,
      lower: async () => {},
    }
  }
  const { token, digest } = createFenceToken(id)
  const fence: FenceSpec = { ...fenceMark(parts, id, epoch), freezeId: id, reason, nonce, tokenDigest: digest }
  const lower = async (): Promise<void> => lowering?.lower(fence, id)
  const covered = new Set(plan.survey.tables.map(({ schema, table }) => `${schema}.${table}`))
  let stands = false
  return {
    drain: {
      reason: undefined,
      covers: (table) => covered.has(table),
      coversAll: !plan.survey.gaps.some(({ kind }) => uncovered.has(kind)),
      async raise(signal) {
        const report = await fencer.raise(plan, fence, signal)
        stands = report.backend !== undefined
        if (!stands) await lower()
        return report
      },
    },
    get token() {
      return stands && plan.backend.refusesHolder !== true ? token : undefined
    },
    watch: (signal) => (stands ? fencer.watch(plan, fence, signal) : undefined),
    lower,
  }
}

/** The kinds of gaps that are tables without a fence. */
const uncovered: ReadonlySet<string> = new Set(['excluded', 'not-selected', 'other-role', 'extension-table'])

/** What the fence of a freeze is called. */
export function fenceMark({ scope }: Pick<FenceParts, 'scope'>, freezeId: string, epoch: string): FenceMark {
  return { scope, epoch, freeze: shortFreezeId(freezeId) }
}
