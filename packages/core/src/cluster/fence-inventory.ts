import type { FenceBackend, FenceSurvey, SurveyRequest, TableRef } from '../domain/fence.ts'
import { type FenceMark, markName } from '../domain/fence-mark.ts'
import type { StatementVerdict } from '../domain/fence-verdict.ts'
import type { CoordinationStore } from '../domain/store.ts'
import { chooseFence } from './fence-choice.ts'
import { isOf } from './fence-janitor.ts'
import type { FenceLowering } from './fence-lower.ts'
import { namedBackend, type ResolvedFreezeOptions, resolveFreezeOptions } from './freeze-options.ts'

/** A fence that stands in the database. */
export interface FenceStatus {
  /** What its objects' names begin with. */
  readonly name: string
  /** The active freeze that it belongs to; `undefined` when it was left behind. */
  readonly freezeId: string | undefined
  /** False for a fence of another namespace or other coordination tables, e.g. in a restored dump. */
  readonly own: boolean
  readonly epoch: string
  readonly tables: readonly TableRef[]
}

/** A way in which this database can refuse writes by itself, and what it would be worth now. */
export interface FenceOption {
  /** `standing`, `on-freeze` or `schema`. */
  readonly backend: string
  /** Whether a freeze that asks for none by name would get it. */
  readonly isChosen: boolean
  /** True where it refuses the holder's own writes too. */
  readonly refusesHolder: boolean
  readonly survey: FenceSurvey
  /** Every way to write that we know of, and what it did with each on a server of this product, with some exemptions. */
  readonly statements: readonly StatementVerdict[]
}

/** What is fenced, and what could be. */
export interface FenceInventory {
  /** What a fence would cover, what slips past it and what stands in its way; `undefined` where there are no fences. */
  survey(options: Pick<ResolvedFreezeOptions, 'exempt' | 'tables' | 'fenceBackend'>): Promise<FenceSurvey | undefined>
  /** Every way there is, in the order of preference. */
  options(): Promise<readonly FenceOption[]>
  standing(): Promise<readonly FenceStatus[]>
  /** Lowers the fences that no active freeze has, with `foreign` those of other clusters too; says which. */
  lift(foreign: boolean): Promise<readonly FenceStatus[]>
}

/** What the inventory needs. */
export interface InventoryOptions {
  /** In the order of preference. */
  readonly backends: readonly FenceBackend[]
  readonly store: CoordinationStore
  readonly lowering: FenceLowering | undefined
  /** What a fence with these options would have to cover. */
  readonly request: (options: Pick<ResolvedFreezeOptions, 'exempt' | 'tables'>) => SurveyRequest
}

/** Makes the inventory of one process. */
export function createFenceInventory({ backends, store, lowering, request }: InventoryOptions): FenceInventory {
  const found = async (): Promise<readonly { mark: FenceMark; status: FenceStatus }[]> => {
    // The catalog before the state, as the janitor does: what is raised later is not taken for left behind.
    const standing = await Promise.all(
      backends.map(async ({ scope, standing: look }) => (await look()).map((fence) => ({ ...fence, scope }))),
    )
    const { freezes } = await store.read()
    return standing.flat().map(({ mark, tables, scope }) => {
      const own = mark.scope === scope
      const freezeId = own ? freezes.find((freeze) => isOf(freeze, mark))?.id : undefined
      return { mark, status: { name: markName(mark), freezeId, own, epoch: mark.epoch, tables } }
    })
  }
  return {
    survey: async (options) => (await chooseFence(backends, request(options), namedBackend(options)))?.survey,
    async options() {
      const wanted = request(resolveFreezeOptions({ reason: 'survey' }))
      const chosen = (await chooseFence(backends, wanted))?.backend
      return Promise.all(
        backends.map(async (backend) => ({
          backend: backend.name,
          isChosen: backend === chosen,
          refusesHolder: backend.refusesHolder === true,
          survey: await backend.survey(wanted),
          statements: await backend.verdicts(),
        })),
      )
    },
    standing: async () => (await found()).map(({ status }) => status),
    async lift(foreign) {
      const left = (await found()).filter(({ status }) => status.freezeId === undefined && (status.own || foreign))
      for (const { mark } of left) await lowering?.lower(mark)
      return left.map(({ status }) => status)
    },
  }
}
