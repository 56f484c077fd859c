import { QuiesceError } from '../domain/errors.ts'
import type { Guarantee } from '../domain/guarantee.ts'
import { distrust } from '../domain/health.ts'
import type { FreezeRecord, Snapshot } from '../domain/snapshot.ts'
import type { CoordinationStore } from '../domain/store.ts'
import type { Ending, NewFreeze } from '../domain/transition.ts'
import type { Drained } from './drain-cluster.ts'
import type { FenceWatch } from './fence-watch.ts'
import type { Freeze, FreezeTimings, ThawResult } from './freeze.ts'
import type { Holding } from './holding.ts'

/** Ends a freeze by its id. */
export type End = (ending: Ending) => Promise<ThawResult>

/** What a freeze in this process's hands needs. */
export interface HeldFreezeOptions {
  readonly store: CoordinationStore
  readonly guarantee: Guarantee
  readonly nodeId: () => string
  readonly record: NewFreeze
  readonly holding: Holding
  readonly epoch: string
  readonly drained: Drained
  readonly timings: FreezeTimings
  readonly end: End
  readonly token: string | undefined
  readonly watch: FenceWatch | undefined
}

/** A freeze with what only its own process may know and do. */
export interface HeldFreeze extends Freeze {
  /** Proves the holder in the database; changes with each holder. */
  readonly nonce: string
  /** Stops renewing it without ending it: its lease runs out, and what was declared for a lost holder happens. */
  letGo(): void
}

/** Makes the freeze that the caller holds. */
export function heldFreeze({
  store,
  guarantee,
  nodeId,
  record,
  holding,
  epoch,
  drained,
  timings,
  end,
  token,
  watch,
}: HeldFreezeOptions): HeldFreeze {
  const { id, nonce, kind } = record
  // An operator's freeze has no lease from here on.
  if (kind === 'operator') holding.release()
  let thawed: Promise<ThawResult> | undefined
  const thaw = async (): Promise<ThawResult> => {
    holding.release()
    await watch?.close()
    // Also when its lease is over: whoever knows the nonce made it, and nobody else ends one that shall stay.
    const isActive = (await store.read()).freezes.some((freeze) => freeze.id === id && freeze.nonce === nonce)
    return isActive ? end({ id, by: nodeId(), why: 'thawed' }) : { changed: false }
  }
  const freeze: Omit<HeldFreeze, 'token'> = {
    id,
    nonce,
    letGo: () => holding.release(),
    epoch,
    guarantee: guaranteeOf(drained, guarantee),
    fence: drained.fence,
    reporting: drained.answer.reporting,
    acks: drained.answer.acks,
    lost: drained.answer.lost,
    unregistered: drained.unregistered,
    serverDrained: drained.serverDrained,
    timings,
    signal: holding.signal,
    get state() {
      return kind === 'operator' && thawed === undefined ? 'held' : holding.state
    },
    async assertHeld() {
      if (!isHeld(await store.read(), id, nonce)) throw freezeEnded(id, 'the database says so')
    },
    async extend({ expectedEnd }) {
      if (!(await store.extendFreeze(id, nonce, { expectedEnd }))) throw freezeEnded(id, 'the database says so')
    },
    thaw() {
      thawed ??= thaw().catch((error: unknown) => {
        thawed = undefined
        throw error
      })
      return thawed
    },
  }
  return Object.defineProperty(freeze, 'token', { value: token, enumerable: false }) as HeldFreeze
}

/** Whether the state says that this freeze is held by whoever knows its nonce. */
export function isHeld(snapshot: Snapshot, id: string, nonce: string): boolean {
  // After a failover or a restore the nodes end what another database knew, so nobody may rely on it any more.
  const isHere = (freeze: FreezeRecord): boolean => freeze.kind === 'operator' || freeze.database === snapshot.database
  if (distrust(snapshot, undefined) !== undefined) return false
  return snapshot.freezes.some(
    (freeze) => freeze.id === id && freeze.nonce === nonce && isAlive(freeze) && isHere(freeze),
  )
}

function isAlive({ kind, phase, leaseRemainingMs, deadlineRemainingMs }: FreezeRecord): boolean {
  if (deadlineRemainingMs !== undefined && deadlineRemainingMs <= 0) return false
  if (kind === 'operator' && phase === 'read-only') return true
  return leaseRemainingMs !== undefined && leaseRemainingMs > 0
}

/** The error for a freeze that does not hold any more. */
export function freezeEnded(id: string, why: string): QuiesceError {
  return new QuiesceError(
    'QUIESCE_FREEZE_ENDED',
    `The freeze ${id} does not hold any more: ${why}. Stop the work; writes may be back. The audit trail tells who ended it.`,
    { freezeId: id },
  )
}

function guaranteeOf({ answer, fence }: Drained, unfenced: Guarantee): Guarantee {
  if (fence.backend !== undefined) return 'fenced'
  return answer.reporting.length > 0 ? 'none' : unfenced
}
