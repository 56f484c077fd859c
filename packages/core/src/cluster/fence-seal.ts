import type { Clock } from '../domain/clock.ts'
import { isQuiesceError } from '../domain/errors.ts'
import type { FenceBackend, FenceSpec, TableRef } from '../domain/fence.ts'
import type { CoordinationStore, OpenWriter } from '../domain/store.ts'
import type { EventHub } from './events.ts'
import { sleep } from './sleep.ts'

/** What sealing a fence needs. */
export interface FenceSeal {
  readonly backend: FenceBackend
  readonly store: CoordinationStore
  readonly clock: Clock
  readonly events: EventHub
  /** With the token that passes from now on, or none. */
  readonly fence: FenceSpec
  readonly tables: readonly TableRef[]
  /** How long transactions that have written may still go on. */
  readonly graceMs: number
  /** True where the bypass was taken away already, by a node that may have died since. */
  readonly isRekeyed?: boolean | undefined
}

const LOOK_MS = 100
/** Whoever keeps the key from being changed is ended, and may have begun anew in that moment. */
const MAX_ENDINGS = 3

/**
 * Takes the bypass away from whoever had it, then ends what it had begun: transactions that had written by then and are
 * still open after the grace, so that a holder that was given up cannot commit any more. Where the bypass cannot be taken
 * away while such a transaction is open, it is ended first.
 *
 * A transaction that is prepared for two-phase commit has no session that could be ended: a `warning` names it.
 *
 * @throws QuiesceError `QUIESCE_FENCE` when the freeze has ended or was taken over meanwhile; `QUIESCE_CONTENDED` when
 *   transactions that keep the bypass could not be ended.
 */
export async function sealFence(seal: FenceSeal): Promise<void> {
  if (seal.isRekeyed !== true) await rekey(seal)
  const left = await end(seal, await writersOf(seal), seal.graceMs)
  if (left.length > 0) tell(seal, left)
}

async function rekey(seal: FenceSeal): Promise<void> {
  for (let n = 1; ; n += 1) {
    try {
      return await seal.backend.rekey(seal.fence)
    } catch (error) {
      if (n > MAX_ENDINGS || !(isQuiesceError(error) && error.kind === 'QUIESCE_CONTENDED')) throw error
    }
    await end(seal, await writersOf(seal), n === 1 ? seal.graceMs : 0)
  }
}

/** Ends what is still open of these after the grace; what could not be ended. */
async function end(seal: FenceSeal, writers: readonly OpenWriter[], graceMs: number): Promise<readonly OpenWriter[]> {
  const { clock, store } = seal
  let open = writers
  const look = async (): Promise<void> => {
    await sleep(clock, LOOK_MS)
    const alive = new Set((await writersOf(seal)).map(({ id }) => id))
    open = open.filter(({ id }) => alive.has(id))
  }
  for (const untilMs = clock.monotonicMs() + graceMs; open.length > 0 && clock.monotonicMs() < untilMs; ) await look()
  for (let n = 0; open.length > 0 && n < MAX_ENDINGS; n += 1) {
    await store.terminate(open)
    await look()
  }
  return open
}

async function writersOf({ backend, tables }: FenceSeal): Promise<readonly OpenWriter[]> {
  return ((await backend.blockers(tables)) ?? []).filter(({ onlyReads }) => onlyReads !== true)
}

function tell({ events, fence }: FenceSeal, open: readonly OpenWriter[]): void {
  const who = open.map(({ pid, application }) => (pid === 0 ? application : `pid ${pid} of ${application}`)).join(', ')
  const message = `transactions that had written before freeze ${fence.freezeId} lost its holder could not be ended, and may commit: ${who}. Roll them back`
  events.emit('warning', { message, error: undefined })
}
