import type { FenceBackend, FenceSurvey, SurveyRequest, TableRef } from '../domain/fence.ts'
import { type FenceMark, markName } from '../domain/fence-mark.ts'
import type { CoordinationStore } from '../domain/store.ts'
import { chooseFence } from './fence-choice.ts'
import { isOf } from './fence-janitor.ts'
import type { FenceLowering } from './fence-lower.ts'
import { namedBackend, type ResolvedFreezeOptions } from './freeze-options.ts'

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

/** What is fenced, and what could be. */
export interface FenceInventory {
  /** What a fence would cover, what slips past it and what stands in its way; `undefined` where there are no fences. */
  survey(options: Pick<ResolvedFreezeOptions, 'exempt' | 'tables' | 'fenceBackend'>): Promise<FenceSurvey | undefined>
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
    standing: async () => (await found()).map(({ status }) => status),
    async lift(foreign) {
      const left = (await found()).filter(({ status }) => status.freezeId === undefined && (status.own || foreign))
      for (const { mark } of left) await lowering?.lower(mark)
      return left.map(({ status }) => status)
    },
  }
}
