import type { Clock } from '../domain/clock.ts'
import type { CoordinationStore, OpenWriter } from '../domain/store.ts'
import { DrainTimeoutError } from '../domain/timeout-errors.ts'
import { sleep } from './sleep.ts'

/** What the wait for the server needs. */
export interface ServerWait {
  readonly store: CoordinationStore
  readonly clock: Clock
  readonly timeoutMs: number
  /** Tables that are exempt wholly, as `schema.table`: their writers are not waited for. */
  readonly isExempt: (table: string) => boolean
  /** End the sessions that are still open when the time is up, instead of failing. */
  readonly terminate: boolean
  readonly signal: AbortSignal
}

const PAUSE_MS = 50
/** How long the rollback of a session that was ended may take. */
const TERMINATION_MS = 5000

/**
 * Waits until every transaction that has written in the server, when this begins, has ended: those of programs without
 * a guard, and what a killed node left behind. False where the server does not tell.
 *
 * Transactions that begin later are not waited for, so a program that goes on writing cannot hold a freeze up for ever.
 *
 * @throws DrainTimeoutError naming the transactions.
 */
export async function waitForServer(wait: ServerWait): Promise<boolean> {
  const { store, clock, isExempt, signal } = wait
  const relevant = async (): Promise<readonly OpenWriter[] | undefined> =>
    (await store.openWriters())?.filter(({ tables }) => tables.length === 0 || !tables.every(isExempt))
  let waiting = await relevant()
  if (waiting === undefined) return false
  const startedAt = clock.monotonicMs()
  let giveUpMs = wait.timeoutMs
  while (waiting.length > 0) {
    const elapsedMs = clock.monotonicMs() - startedAt
    if (elapsedMs >= giveUpMs) {
      if (!wait.terminate || giveUpMs > wait.timeoutMs) throw new DrainTimeoutError(elapsedMs, [], waiting)
      await store.terminate(waiting)
      giveUpMs += TERMINATION_MS
    }
    await sleep(clock, PAUSE_MS, signal)
    const alive = new Set((await relevant())?.map(({ id }) => id))
    waiting = waiting.filter(({ id }) => alive.has(id))
  }
  return true
}
