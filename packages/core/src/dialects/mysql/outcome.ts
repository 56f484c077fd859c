import type { Outcome } from '../../domain/admission.ts'
import { isQuiesceError } from '../../domain/errors.ts'
import { errorNumberOf, isGone, numbersIn } from './errors.ts'

/** The storage engine failed while it committed (ER_ERROR_DURING_COMMIT), or the server itself doesn't know. */
const undecided: ReadonlySet<number> = new Set([1105, 1180])

/** Of the `mariadb` driver: no connection of the pool was free in time, so nothing was sent. */
const POOL_WAIT = 45_028

/**
 * Whether an error that ended a guarded statement is the server's answer.
 *
 * A number from the server is one, except those with which the server or the session goes away and those of a commit
 * that failed half-way. A driver's time-out, a reset or an abort tells nothing.
 */
export function outcomeOf(error: unknown): Outcome {
  if (isQuiesceError(error)) return 'answered'
  if (numbersIn(error).includes(POOL_WAIT)) return 'answered'
  const number = errorNumberOf(error)
  return number === undefined || isGone(number) || undecided.has(number) ? 'unknown' : 'answered'
}
