import type { FenceBackend, FenceScript, FenceSpec, SurveyRequest } from '../domain/fence.ts'
import { shortFreezeId } from '../domain/fence-mark.ts'
import type { CoordinationStore } from '../domain/store.ts'
import { chooseFence } from './fence-choice.ts'
import { isOf } from './fence-sweep.ts'
import { namedBackend, type ResolvedFreezeOptions } from './freeze-options.ts'

/** Says what raising and lowering fences would send. */
export interface FenceScripts {
  /** Of the fence that a freeze with these options would get; empty where it would get none. */
  raise(
    options: Pick<ResolvedFreezeOptions, 'reason' | 'exempt' | 'tables' | 'fenceBackend'>,
    epoch: string,
  ): Promise<FenceScript>
  /** Of the fences that an active freeze has. */
  lower(freezeId: string): Promise<readonly string[]>
}

/** What the scripts need. */
export interface FenceScriptsOptions {
  /** In the order of preference. */
  readonly backends: readonly FenceBackend[]
  readonly store: CoordinationStore
  readonly request: (options: Pick<ResolvedFreezeOptions, 'exempt' | 'tables'>) => SurveyRequest
}

/** Stand where the real freeze has an id and a nonce of its own, and the digest of a secret. */
const NOBODY = '00000000-0000-0000-0000-000000000000'
const EXAMPLE = { freezeId: NOBODY, nonce: NOBODY, tokenDigest: '0'.repeat(64) } as const
const NOTHING: FenceScript = { raise: [], lower: [] }

/** Makes the scripts of one process. */
export function createFenceScripts({ backends, store, request }: FenceScriptsOptions): FenceScripts {
  return {
    async raise(options, epoch) {
      const choice = await chooseFence(backends, request(options), namedBackend(options))
      if (choice === undefined || choice.survey.obstacles.length > 0) return NOTHING
      const { backend, survey } = choice
      const mark = { scope: backend.scope, epoch, freeze: shortFreezeId(NOBODY) }
      const fence: FenceSpec = { ...EXAMPLE, ...mark, reason: options.reason }
      return (await backend.script?.(fence, survey.tables)) ?? NOTHING
    },
    async lower(freezeId) {
      const freeze = (await store.read()).freezes.find(({ id }) => id === freezeId)
      if (freeze === undefined) return []
      const scripts = await Promise.all(
        backends.map(async (backend) => {
          const own = (await backend.standing()).filter(
            ({ mark }) => mark.scope === backend.scope && isOf(freeze, mark),
          )
          return Promise.all(own.map(async ({ mark, tables }) => (await backend.lowerScript?.(mark, tables)) ?? []))
        }),
      )
      return scripts.flat(2)
    },
  }
}
