import type { FenceStep } from '../../domain/fence.ts'
import { fenceError } from '../../domain/fence-error.ts'
import { meaningOf, sqlStateOf } from './errors.ts'
import { FENCE_REMOVED } from './fence-statements.ts'

/** lock_not_available, deadlock_detected, query_canceled (a timeout of the role's), and a trigger that stands already. */
const BUSY: ReadonlySet<string | undefined> = new Set(['55P03', '40P01', '57014', '42710'])
/** A table or column that is gone since the survey: one by one it counts as done, and the next survey tells. */
const GONE: ReadonlySet<string | undefined> = new Set(['42P01', '42703', '3F000'])
const STILL_USED = '2BP01'
/** The catalog row was changed by another process in the same moment. */
const CONCURRENTLY = 'XX000'

/** One attempt on so many tables (0: on none that may be gone); an error of a lock, or of who did the same in this moment, is `busy`. */
export async function attempt(tables: number, work: () => Promise<unknown>): Promise<FenceStep> {
  try {
    await work()
    return 'done'
  } catch (error) {
    const state = sqlStateOf(error)
    if (GONE.has(state) && tables > 0) return tables === 1 ? 'done' : 'busy'
    if (BUSY.has(state) || state === STILL_USED || (state === CONCURRENTLY && isConcurrent(error))) return 'busy'
    throw explainFence(error)
  }
}

/** Runs the work; what it says of the fence arrives as such. */
export async function explained(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw explainFence(error)
  }
}

function explainFence(error: unknown): unknown {
  if (sqlStateOf(error) === FENCE_REMOVED)
    return fenceError([
      'the freeze has ended or was taken over meanwhile, so this process has no say in its fence any more',
    ])
  if (meaningOf(error) === 'privilege' && error instanceof Error)
    return fenceError([`the role lacks a privilege: ${error.message}`])
  return error
}

function isConcurrent(error: unknown): boolean {
  return error instanceof Error && /concurrently/.test(error.message)
}
