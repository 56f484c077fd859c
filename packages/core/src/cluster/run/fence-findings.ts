import { isQuiesceError } from '../../domain/errors.ts'
import { compileExemptions, unitePolicies } from '../../domain/exemption.ts'
import type { Finding } from '../../domain/preflight.ts'
import type { Fencer } from '../fencer.ts'
import type { ResolvedOptions } from '../options.ts'
import type { ResolvedRunOptions } from './run-options.ts'

/** What the survey of a fence needs. */
export interface FenceFindingsOptions {
  readonly options: ResolvedOptions
  readonly defaultSchema: string | undefined
  readonly fencer: Fencer
}

/** Tells what a run's fence could not cover; that there is none blocks only where one is required. */
export function fenceFindings({
  options: cluster,
  defaultSchema,
  fencer,
}: FenceFindingsOptions): (options: ResolvedRunOptions) => Promise<readonly Finding[]> {
  return async ({ freeze }) => {
    if (freeze.fence === 'off') return []
    const policy = unitePolicies(
      compileExemptions(cluster.exempt, defaultSchema),
      compileExemptions(freeze.exempt, defaultSchema),
    )
    const wish = {
      fence: freeze.fence,
      request: { policy, selection: freeze.tables, defaultSchema },
      timeoutMs: freeze.drainTimeoutMs,
      terminate: false,
      insistent: false,
    }
    try {
      const plan = await fencer.plan(wish)
      if (!plan.possible) return [{ check: 'fence', message: `no fence: ${plan.reason}`, blocking: false }]
      return plan.survey.gaps.map(({ kind, message }) => ({ check: `fence-${kind}`, message, blocking: false }))
    } catch (error) {
      if (!isQuiesceError(error) || error.kind !== 'QUIESCE_FENCE') throw error
      return [{ check: 'fence', message: error.message, blocking: true }]
    }
  }
}
