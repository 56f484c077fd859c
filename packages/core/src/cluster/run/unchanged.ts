import { QuiesceError } from '../../domain/errors.ts'
import type { TableFingerprint } from './table-content.ts'

/**
 * Compares fingerprints of protected tables with those at the freeze.
 *
 * @throws QuiesceError `QUIESCE_VERIFY` naming each table, and its columns where they tell.
 */
export function assertUnchanged(name: string, baseline: unknown, now: readonly TableFingerprint[]): void {
  // Written by this library into its own table.
  const before = baseline as readonly TableFingerprint[]
  const changed = now.flatMap((table) => {
    const then = before.find((other) => other.table === table.table)
    if (then?.checksum === table.checksum && then.rows === table.rows) return []
    const columns = Object.keys(table.columns).filter((column) => then?.columns[column] !== table.columns[column])
    return [{ table: table.table, columns, rows: { before: then?.rows, now: table.rows } }]
  })
  if (changed.length === 0) return
  const told = changed.map(
    ({ table, columns, rows }) => `${table} (${rows.before} rows then, ${rows.now} now; ${columns.join(', ')})`,
  )
  throw new QuiesceError(
    'QUIESCE_VERIFY',
    `Protected tables changed while the run ${JSON.stringify(name)} had the cluster frozen: ${told.join('; ')}. Something wrote past the guards, or the run itself did; leave a table out of protect when the run shall change it.`,
    { name, changed },
  )
}
