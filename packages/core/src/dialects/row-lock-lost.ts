import { isQuiesceError, QuiesceError } from '../domain/errors.ts'

/** Whose an error of a transaction lock is: of the statements that ask for it, of the caller's work, of the COMMIT. */
export type LockStage = 'asking' | 'working' | 'ending'

/** For work that came to its end and may not have had its lock until then; the data and cause are those of `explained`. */
export function rowLockLost(name: string, why: string, explained?: unknown): QuiesceError {
  const [data, cause] = isQuiesceError(explained) ? [explained.data, explained.cause] : [{}, explained]
  return new QuiesceError(
    'QUIESCE_LEASE_LOST',
    `The transaction lock ${JSON.stringify(name)} was lost before its work had ended (${why}), so somebody else may have had it meanwhile. The work is done: check what it did, and let such work stop when its signal aborts.`,
    { ...data, name },
    cause === undefined ? undefined : { cause },
  )
}
