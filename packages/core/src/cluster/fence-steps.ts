import type { Clock } from '../domain/clock.ts'
import type { FenceBound, FencePace, FenceStep } from '../domain/fence.ts'
import { sleep, throwIfAborted } from './sleep.ts'

/** Work on many tables, in attempts that each may be in somebody's way for a short time only. */
export interface FenceSteps<T> {
  readonly clock: Clock
  readonly pace: Pick<FencePace, 'tablesAtOnce' | 'oneByOne' | 'parallel'>
  /** How long one attempt may be in others' way. */
  readonly longestWaitMs: number
  /** In the order in which they are tried. */
  readonly tables: readonly T[]
  readonly attempt: (tables: readonly T[], bound: FenceBound) => Promise<FenceStep>
  /** When to give up, on the monotonic clock; one attempt is always made. */
  readonly untilMs: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress: (done: number) => void
}

/** How long the attempt on many tables at once waits: only to step over who is about to end. */
const FIRST_WAIT_MS = 10
const SECOND_WAIT_MS = 50
const WAIT_FACTOR = 2
const PAUSE_MS = 20

/**
 * Tries all tables, many at a time first, then one by one those where others were in the way, waiting a little longer
 * each time and with a pause in between, so that writers get on. Gives back what was still busy when the time was up.
 * When it ends, however it does, no attempt is under way any more and none will be made.
 *
 * @throws QuiesceError `QUIESCE_ABORTED` when `signal` aborts, and what an attempt throws.
 */
export async function inSteps<T>(steps: FenceSteps<T>): Promise<readonly T[]> {
  const { clock, pace, longestWaitMs, tables, attempt, untilMs, signal, onProgress } = steps
  let done = 0
  let failed = false
  const work = async (groups: readonly (readonly T[])[], lockWaitMs: number): Promise<readonly T[]> => {
    const busy: T[] = []
    const queue = groups.values()
    const worker = async (): Promise<void> => {
      for (const group of queue) {
        if (failed) return
        throwIfAborted(signal)
        if ((await attempt(group, { lockWaitMs })) === 'busy') {
          busy.push(...group)
          continue
        }
        done += group.length
        onProgress(done)
      }
    }
    const guardedWorker = (): Promise<void> =>
      worker().catch((error: unknown) => {
        failed = true
        throw error
      })
    // Whoever undoes what a failure left must not meet an attempt that is still under way.
    const ends = await Promise.allSettled(Array.from({ length: Math.min(pace.parallel, groups.length) }, guardedWorker))
    const broken = ends.find((end) => end.status === 'rejected')
    if (broken !== undefined) throw broken.reason
    return busy
  }
  let busy = await work(inGroups(tables, pace.tablesAtOnce), FIRST_WAIT_MS)
  for (let waitMs = SECOND_WAIT_MS; busy.length > 0 && clock.monotonicMs() < untilMs; waitMs *= WAIT_FACTOR) {
    await sleep(clock, PAUSE_MS * (0.5 + Math.random()), signal)
    busy = await work(
      inGroups(busy, pace.oneByOne ? 1 : pace.tablesAtOnce),
      Math.max(FIRST_WAIT_MS, Math.min(waitMs, longestWaitMs, untilMs - clock.monotonicMs())),
    )
  }
  return busy
}

function inGroups<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size))
}
