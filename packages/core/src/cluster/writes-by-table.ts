import type { Analysis } from '../sql/analysis.ts'
import type { Flight } from './in-flight.ts'
import { doneBy, type Trace } from './transaction-log.ts'

/**
 * Counts the writes among what is in flight, by table as the statements name it; `undefined` stands for those whose text
 * does not tell. A transaction counts once for each table that it has written.
 *
 * Read-write mode keeps texts and nothing else, so all the work is here, where somebody asks: one look-up a text.
 */
export function writesByTable(
  flights: Iterable<Flight>,
  analyze: (sql: string) => Analysis,
): ReadonlyMap<string | undefined, number> {
  const counts = new Map<string | undefined, number>()
  for (const flight of flights) {
    for (const table of tablesOf(flight.traces(), analyze)) counts.set(table, (counts.get(table) ?? 0) + 1)
  }
  return counts
}

function tablesOf(
  traces: readonly Trace[] | undefined,
  analyze: (sql: string) => Analysis,
): ReadonlySet<string | undefined> {
  // So many different writes that the log has stopped telling them apart.
  if (traces === undefined) return new Set([undefined])
  return new Set(traces.flatMap((trace) => writtenBy(doneBy(trace, analyze))))
}

function writtenBy(analysis: Analysis): ReadonlyArray<string | undefined> {
  if (analysis.kind === 'ddl' || analysis.kind === 'unknown') return [undefined]
  if (analysis.kind !== 'write') return []
  return analysis.writes.map(({ schema, table }) => (schema === undefined ? table : `${schema}.${table}`))
}
