import { gateOf } from '@quiesce/core/adapter'
import { getMetadataArgsStorage } from 'typeorm'
import { createLateSubscriber, type LateSubscriber } from './late-subscriber.ts'

/** A value for the `subscribers` option of a data source. */
export type SubscriberClass = new () => object

/**
 * The short form of {@link attachReadOnly}, as a value for `subscribers: [readOnlySubscriber(cluster)]`.
 *
 * TypeORM tells a subscriber of its data source with the first statement, so the guard attaches itself then. What comes
 * before passes unguarded: `CREATE EXTENSION` during `initialize()`, and a `stream()` that is the very first statement.
 * A query runner that was opened before is guarded with its next `query()`, and a client that was taken from it before then
 * stays as it is.
 * TypeORM's own command line (`migration:run`, `migration:revert`, `cache:clear`) removes all subscribers. Call
 * `assertReadOnlyAttached(cluster, dataSource)` after `initialize()` to attach at once and to learn of a subscriber that
 * was ignored; use {@link attachReadOnly} where the holes matter.
 *
 * @example
 * export const db = new DataSource({ type: 'postgres', url, entities, subscribers: [readOnlySubscriber(cluster)] })
 */
export function readOnlySubscriber(cluster: object): SubscriberClass {
  gateOf(cluster)
  // TypeORM takes subscribers only by a registered constructor and calls it without arguments.
  function ReadOnlySubscriber(): LateSubscriber {
    return createLateSubscriber(cluster)
  }
  getMetadataArgsStorage().entitySubscribers.push({ target: ReadOnlySubscriber })
  // `new` on a function that returns an object yields that object; TypeScript has no type for it.
  return ReadOnlySubscriber as unknown as SubscriberClass
}
