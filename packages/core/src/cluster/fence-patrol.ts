import type { Cancel, Clock } from '../domain/clock.ts'
import { isQuiesceError } from '../domain/errors.ts'
import type { FenceBackend, SurveyRequest, TableSelection } from '../domain/fence.ts'
import { type FreezeRecord, isHolderless, type Snapshot } from '../domain/snapshot.ts'
import type { CoordinationStore } from '../domain/store.ts'
import type { EventHub } from './events.ts'
import { isOf } from './fence-sweep.ts'
import { coverWhatAppeared } from './fence-watch.ts'
import type { ResolvedFreezeOptions } from './freeze-options.ts'

/** Finds tables, partitions and columns that appear during freezes that no process holds: an operator's, a lost holder's. */
export interface FencePatrol {
  /** Called with each state that the node has read. */
  observe(snapshot: Snapshot): void
  close(): void
}

/** What the patrol needs. */
export interface FencePatrolOptions {
  readonly backends: readonly FenceBackend[]
  readonly store: CoordinationStore
  readonly clock: Clock
  readonly events: EventHub
  /** What a fence with these options has to cover. */
  readonly request: (options: Pick<ResolvedFreezeOptions, 'exempt' | 'tables'>) => SurveyRequest
  /** How often all nodes together look, about. */
  readonly everyMs: number
}

/** How far back the beginning of a freeze is looked for in the audit trail. */
const EVENTS = 500

/** Makes the patrol of one node. The nodes share the looks: each looks the more rarely the more they are. */
export function createFencePatrol(options: FencePatrolOptions): FencePatrol {
  const { store, clock, events, everyMs } = options
  const stop = new AbortController()
  const selections = new Map<string, TableSelection | undefined>()
  let unheld: readonly FreezeRecord[] = []
  let isPlanned = false
  let cancel: Cancel = () => {}
  const warn = (message: string, error?: unknown): void => events.emit('warning', { message, error })

  const selectionOf = async ({ id }: FreezeRecord): Promise<TableSelection | undefined> => {
    if (!selections.has(id)) {
      const begun = (await store.events(EVENTS)).find(
        ({ type, freezeId }) => type === 'freeze-begun' && freezeId === id,
      )
      selections.set(id, begun && ((begun.detail['tables'] ?? {}) as TableSelection))
    }
    return selections.get(id)
  }
  const lookAt = async (freeze: FreezeRecord): Promise<void> => {
    const tables = await selectionOf(freeze)
    // Without it nobody can tell what was left out on purpose.
    if (tables === undefined) return
    for (const backend of options.backends) {
      const standing = (await backend.standing()).find(({ mark }) => mark.scope === backend.scope && isOf(freeze, mark))
      if (standing === undefined) continue
      const { id: freezeId, reason, nonce, exempt } = freeze
      // Raising more tables changes nothing about whose token passes.
      const fence = { ...standing.mark, freezeId, reason, nonce, tokenDigest: undefined }
      const request = options.request({ exempt, tables })
      await coverWhatAppeared({ ...options, backend, fence, request }, stop.signal, warn)
    }
  }
  const look = async (): Promise<void> => {
    for (const freeze of unheld) {
      await lookAt(freeze).catch((error: unknown) => {
        // It has ended meanwhile.
        if (isQuiesceError(error) && error.kind === 'QUIESCE_FENCE') return
        if (!stop.signal.aborted) warn('looking for tables that appeared during the freeze failed; trying again', error)
      })
    }
  }
  const plan = async (): Promise<void> => {
    const nodes = (await store.nodes().catch(() => [])).length
    if (stop.signal.aborted) return
    cancel = clock.schedule(everyMs * Math.max(1, nodes) * (0.5 + Math.random()), () => {
      void look().finally(() => {
        isPlanned = false
      })
    })
  }
  return {
    observe({ freezes }) {
      unheld = freezes.filter(
        (freeze) => (freeze.kind === 'operator' && freeze.phase === 'read-only') || isHolderless(freeze),
      )
      for (const id of selections.keys()) if (!freezes.some((freeze) => freeze.id === id)) selections.delete(id)
      if (unheld.length === 0 || isPlanned || stop.signal.aborted) return
      isPlanned = true
      void plan()
    },
    close() {
      stop.abort()
      cancel()
    },
  }
}
