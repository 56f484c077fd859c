import { isQuiesceError } from '../../domain/errors.ts'
import { type Finding, longTransaction, type PreflightLimits } from '../../domain/preflight.ts'
import type { CoordinationStore } from '../../domain/store.ts'

/**
 * What MySQL or MariaDB can say before a run: transactions that have written and are old. How far replicas are behind only
 * the replicas know.
 */
export async function findings(
  openWriters: CoordinationStore['openWriters'],
  { longTransactionMs }: PreflightLimits,
): Promise<readonly Finding[]> {
  try {
    const writers = (await openWriters()) ?? []
    return writers.flatMap(({ pid, ageMs = 0, application, query }) =>
      ageMs < longTransactionMs ? [] : [longTransaction({ pid, ageMs, application, query })],
    )
  } catch (error) {
    if (!isQuiesceError(error)) throw error
    // The freeze asks again, and does not go on without an answer.
    return [{ check: 'server', message: `long transactions could not be seen: ${error.message}`, blocking: false }]
  }
}
