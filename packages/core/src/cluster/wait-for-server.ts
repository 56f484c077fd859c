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
  readonly signal: AbortSignal
}

const PAUSE_MS = 50

/**
 * Waits until every transaction that has written in the server, when this begins, has ended: those of programs without
 * a guard, and what a killed node left behind.
 *
 * Transactions that begin later are not waited for, so a program that goes on writing cannot hold a freeze up for ever.
 *
 * @throws DrainTimeoutError naming the transactions.
 */
export async function waitForServer({ store, clock, timeoutMs, isExempt, signal }: ServerWait): Promise<void> {
  const startedAt = clock.monotonicMs()
  const relevant = async (): Promise<readonly OpenWriter[]> =>
    (await store.openWriters()).filter(({ tables }) => !tables.every(isExempt))
  let waiting = await relevant()
  while (waiting.length > 0) {
    const elapsedMs = clock.monotonicMs() - startedAt
    if (elapsedMs >= timeoutMs) throw new DrainTimeoutError(elapsedMs, [], waiting)
    await sleep(clock, PAUSE_MS, signal)
    const alive = await relevant()
    waiting = alive.filter(({ id }) => waiting.some((writer) => writer.id === id))
  }
}
