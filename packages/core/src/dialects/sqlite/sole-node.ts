import { QuiesceError } from '../../domain/errors.ts'
import { readRow } from '../row.ts'
import type { SqliteStatements } from './executor.ts'
import type { TableNames } from './names.ts'
import { selectNodes } from './node-statements.ts'
import { type Liveness, livenessOf, type ProcessMark } from './process-mark.ts'
import type { StoreContext } from './store-context.ts'

/** Another node of the namespace, and whether it still runs. */
export interface OtherNode {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly liveness: Liveness
  readonly leaseRemainingMs: number
}

/**
 * The nodes that are registered. A lease that is over proves that its node refuses writes by now; one that was renewed
 * since an earlier look (`beats`, by id) proves that its node runs, wherever.
 */
export function otherNodes(
  db: SqliteStatements,
  t: TableNames,
  namespace: string,
  own: ProcessMark,
  beats: Map<string, number>,
): readonly OtherNode[] {
  return db.all(selectNodes(t), { namespace }).map((row) => {
    const r = readRow(row)
    const mark: ProcessMark = {
      host: r.text('host'),
      pid: r.number('pid'),
      pidSpace: r.text('pid_space'),
      startedAtMs: r.number('process_started_at'),
    }
    const [id, beat, leaseRemainingMs] = [r.text('id'), r.number('heartbeat_at'), r.number('lease_remaining_ms')]
    const first = beats.get(id) ?? beat
    beats.set(id, first)
    const seen = beat > first ? 'running' : livenessOf(mark, own)
    return { id, host: mark.host, pid: mark.pid, liveness: leaseRemainingMs <= 0 ? 'gone' : seen, leaseRemainingMs }
  })
}

/** The refusal of a second node. */
export function soleNodeRefused(
  { executor, namespace }: StoreContext,
  { host, pid, id }: OtherNode,
  own: ProcessMark,
): QuiesceError {
  const isOwn = host === own.host && pid === own.pid
  const what = `${executor.database ?? 'The database in memory'}, namespace ${JSON.stringify(namespace)}`
  const message = isOwn
    ? `${what}: this process (pid ${pid}) has another cluster object that has started. A freeze of one would not reach the writes that the other guards; share one cluster object.`
    : `${what}: the process ${pid} on ${host} is its node. SQLite is coordinated inside one process, so a second one could write while the first believes that it has frozen the database. Stop that process, or use PostgreSQL or MySQL for several.`
  return new QuiesceError('QUIESCE_CONFIG', message, { host, pid, nodeId: id, file: executor.file })
}
