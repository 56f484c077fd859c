import type { Clock } from '../domain/clock.ts'
import { QuiesceError } from '../domain/errors.ts'
import type { FenceBound, FenceGap, FenceStep, SurveyRequest } from '../domain/fence.ts'
import { installationError } from '../domain/fence-error.ts'
import type { Installation, InstallationPlan, StandingBackend, TableChange } from '../domain/standing-backend.ts'
import { inSteps } from './fence-steps.ts'
import type { ResolvedFreezeOptions } from './freeze-options.ts'
import { sleep } from './sleep.ts'

/** What an installation, or a removal, came to. */
export interface FenceInstallation {
  /** How many tables have the triggers of the standing fence now. */
  readonly tables: number
  /** How many tables were changed; 0 when everything was as it shall be. */
  readonly changed: number
  /** What can still be written past it. */
  readonly gaps: readonly FenceGap[]
}

/** Installs and removes the standing fence of one cluster. */
export interface FenceInstaller {
  /** @throws QuiesceError `QUIESCE_FENCE` with all reasons; what was done so far does no harm. */
  install(options: Pick<ResolvedFreezeOptions, 'exempt' | 'tables'>): Promise<FenceInstallation>
  /** @throws QuiesceError `QUIESCE_FENCE` while a freeze uses it. */
  remove(): Promise<FenceInstallation>
  /** What `install` would send now; changes nothing. @throws As `install`. */
  installScript(options: Pick<ResolvedFreezeOptions, 'exempt' | 'tables'>): Promise<readonly string[]>
  /** What `remove` would send now; changes nothing. */
  removeScript(): Promise<readonly string[]>
  installation(): Promise<Installation>
}

/** What the installer needs. */
export interface FenceInstallerOptions {
  /** `undefined` where the database has no standing fence. */
  readonly backend: StandingBackend | undefined
  readonly clock: Clock
  /** What a freeze with these options has to cover. */
  readonly request: (options: Pick<ResolvedFreezeOptions, 'exempt' | 'tables'>) => SurveyRequest
}

/** How long one attempt keeps others waiting, and how long all of them may take before it is given up. */
const LONGEST_WAIT_MS = 1500
const PATIENCE_MS = 60_000
const PACE = { tablesAtOnce: 20, oneByOne: true, parallel: 1 } as const
const ATTEMPT = { waitMs: 200, pauseMs: 20 } as const

/** Makes the installer of one process. */
export function createFenceInstaller({ backend, clock, request }: FenceInstallerOptions): FenceInstaller {
  const needed = (what: 'installed' | 'removed'): StandingBackend => {
    if (backend === undefined)
      throw installationError(what, ['a standing fence is not available on this database; the one on freeze may be'])
    return backend
  }
  const insist = async (attempt: (bound: FenceBound) => Promise<FenceStep>): Promise<void> => {
    for (const untilMs = clock.monotonicMs() + PATIENCE_MS; clock.monotonicMs() < untilMs; ) {
      if ((await attempt({ lockWaitMs: ATTEMPT.waitMs })) === 'done') return
      await sleep(clock, ATTEMPT.pauseMs * (0.5 + Math.random()))
    }
    throw contended([])
  }
  const change = async ({ change: attempt }: StandingBackend, changes: readonly TableChange[]): Promise<void> => {
    const busy = await inSteps<TableChange>({
      clock,
      pace: PACE,
      longestWaitMs: LONGEST_WAIT_MS,
      tables: changes,
      attempt,
      untilMs: clock.monotonicMs() + PATIENCE_MS,
      onProgress: () => {},
    })
    if (busy.length > 0) throw contended(busy)
  }
  const toInstall = async (
    options: Parameters<FenceInstaller['install']>[0],
  ): Promise<InstallationPlan & { readonly standing: StandingBackend; readonly isDone: boolean }> => {
    const standing = needed('installed')
    const plan = await standing.plan(request(options))
    const obstacles = plan.tables === 0 ? [...plan.obstacles, 'there is no table to fence'] : plan.obstacles
    if (obstacles.length > 0) throw installationError('installed', obstacles)
    const { state } = await standing.installation()
    return { ...plan, standing, isDone: state === 'complete' && plan.current && plan.changes.length === 0 }
  }
  return {
    async install(options) {
      const { standing, changes, tables, gaps, isDone } = await toInstall(options)
      if (isDone) return { tables, changed: 0, gaps }
      await insist(standing.begin)
      await change(standing, changes)
      await insist(standing.complete)
      return { tables, changed: changes.length, gaps }
    },

    async remove() {
      const standing = needed('removed')
      const { state } = await standing.installation()
      if (state === 'absent') return { tables: 0, changed: 0, gaps: [] }
      await insist(standing.begin)
      const { changes } = await standing.plan(undefined)
      await change(standing, changes)
      await insist(standing.uninstall)
      return { tables: 0, changed: changes.length, gaps: [] }
    },

    async installScript(options) {
      const { standing, changes, isDone } = await toInstall(options)
      return isDone ? [] : ((await standing.changeScript?.(changes, 'complete')) ?? [])
    },

    async removeScript() {
      const standing = needed('removed')
      if ((await standing.installation()).state === 'absent') return []
      const { changes } = await standing.plan(undefined)
      return (await standing.changeScript?.(changes, 'uninstall')) ?? []
    },

    installation: async () => (await backend?.installation()) ?? { state: 'absent', tables: [] },
  }
}

function contended(tables: readonly TableChange[]): QuiesceError {
  const names = tables.map(({ schema, table }) => `${schema}.${table}`)
  const where = names.length === 0 ? 'the tables of the fence' : names.join(', ')
  return new QuiesceError(
    'QUIESCE_CONTENDED',
    `Transactions that stay open were in the way on ${where} for ${PATIENCE_MS / 1000} s. Nothing of the fence is in use; end them and try again.`,
    { tables: names },
  )
}
