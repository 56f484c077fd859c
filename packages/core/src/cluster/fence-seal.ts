import type { Clock } from '../domain/clock.ts'
import type { FenceBackend, FenceSpec, TableRef } from '../domain/fence.ts'
import type { CoordinationStore, OpenWriter } from '../domain/store.ts'
import { sleep } from './sleep.ts'

/** What sealing a fence needs. */
export interface FenceSeal {
  readonly backend: FenceBackend
  readonly store: CoordinationStore
  readonly clock: Clock
  readonly fence: FenceSpec
  readonly tables: readonly TableRef[]
  /** How long transactions that have written may still go on. */
  readonly graceMs: number
}

const LOOK_MS = 100

/**
 * Takes the bypass away from whoever had it, then ends what it had begun: transactions that had written by then and are
 * still open after the grace, so that a holder that was given up cannot commit any more.
 */
export async function sealFence({ backend, store, clock, fence, tables, graceMs }: FenceSeal): Promise<void> {
  await backend.rekey(fence)
  const writers = ((await backend.blockers(tables)) ?? []).filter(({ onlyReads }) => onlyReads !== true)
  let open: readonly OpenWriter[] = writers
  for (const untilMs = clock.monotonicMs() + graceMs; open.length > 0 && clock.monotonicMs() < untilMs; ) {
    await sleep(clock, LOOK_MS)
    const alive = new Set((await backend.blockers(tables))?.map(({ id }) => id))
    open = open.filter(({ id }) => alive.has(id))
  }
  if (open.length > 0) await store.terminate(open)
}
