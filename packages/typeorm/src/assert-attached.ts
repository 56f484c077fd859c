import { gateOf, QuiesceError } from '@quiesce/core/adapter'
import { attachmentOf } from './attachment.ts'
import type { DataSourceLike } from './data-source-like.ts'
import { isLateSubscriber } from './late-subscriber.ts'

/**
 * Makes sure that an initialized data source is guarded; call it once at boot, after `initialize()`.
 *
 * With {@link readOnlySubscriber} it also attaches at once what would have attached on the first statement, which closes
 * the hole of a `stream()` that is the very first one.
 *
 * @throws QuiesceError `QUIESCE_GUARD_MISSING` when neither `attachReadOnly()` nor the subscriber has reached it, e.g.
 * because TypeORM ignored the subscriber or the command-line tool has removed it.
 */
export function assertReadOnlyAttached(cluster: object, dataSource: DataSourceLike): void {
  const gate = gateOf(cluster)
  for (const subscriber of dataSource.subscribers) {
    if (isLateSubscriber(subscriber) && subscriber.gate === gate) subscriber.attach(dataSource)
  }
  if (attachmentOf(dataSource)?.gate === gate) return
  throw new QuiesceError(
    'QUIESCE_GUARD_MISSING',
    'The data source is not guarded: its writes would pass while the cluster is read-only. Call attachReadOnly(cluster, dataSource) before initialize().',
  )
}
