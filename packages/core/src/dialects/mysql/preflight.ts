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
  const writers = (await openWriters()) ?? []
  return writers.flatMap(({ pid, ageMs = 0, application, query }) =>
    ageMs < longTransactionMs ? [] : [longTransaction({ pid, ageMs, application, query })],
  )
}
