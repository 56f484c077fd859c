import { type Gate, gateOf, type Outcome, type Ticket } from '@quiesce/core/adapter'
import { attachReadOnly } from './attach-read-only.ts'
import { attachmentOf } from './attachment.ts'
import type { DataSourceLike, QueryRunnerLike } from './data-source-like.ts'
import type { GuardContext } from './guard-context.ts'

/** What TypeORM tells subscribers before and after a statement. */
export interface QueryEvent {
  readonly dataSource?: DataSourceLike | undefined
  /** How TypeORM 0.3 calls the data source. */
  readonly connection?: DataSourceLike | undefined
  readonly queryRunner: QueryRunnerLike
  readonly query: string
  /** Why the statement failed, after it has. */
  readonly error?: unknown
}

const lateKey: unique symbol = Symbol.for('quiesce.typeorm.late-subscriber')

/**
 * A subscriber that guards each data source as soon as it learns of it, and each query runner that was made before.
 *
 * TypeORM 0.3 makes one of it for all data sources with the same options, so it keeps nothing of any of them.
 */
export interface LateSubscriber {
  readonly [lateKey]: true
  readonly gate: Gate
  attach(dataSource: DataSourceLike): void
  beforeQuery(event: QueryEvent): Promise<void> | undefined
  /** Present while a statement is in flight whose runner was not guarded when it was sent. */
  afterQuery?: ((event: QueryEvent) => void) | undefined
}

/** Tells whether a data source's subscriber is one of ours. */
export function isLateSubscriber(value: unknown): value is LateSubscriber {
  return typeof value === 'object' && value !== null && lateKey in value
}

/** Makes the subscriber for a cluster. */
export function createLateSubscriber(cluster: object): LateSubscriber {
  const gate = gateOf(cluster)
  const tickets = new Map<object, Ticket>()

  function end(runner: object, outcome: Outcome): void {
    tickets.get(runner)?.end(outcome)
    tickets.delete(runner)
    if (tickets.size === 0) subscriber.afterQuery = undefined
  }

  function count(context: GuardContext, runner: QueryRunnerLike, ticket: Ticket): void {
    tickets.set(runner, ticket)
    subscriber.afterQuery = ({ queryRunner, error }) =>
      end(queryRunner, error === undefined ? 'answered' : gate.outcomeOf(error))
    // Another subscriber may keep the statement from being sent, and then no event tells of its end.
    context.patches.replaceTransient(runner, 'release', (release) => (args) => {
      end(runner, 'answered')
      return release(args)
    })
  }

  const subscriber: LateSubscriber = {
    [lateKey]: true,
    gate,
    attach(dataSource) {
      attachReadOnly(cluster, dataSource)
    },
    beforeQuery({ dataSource, connection, queryRunner, query }) {
      const source = dataSource ?? connection
      if (source === undefined) return undefined
      const attachment = attachmentOf(source)
      const context = attachment?.gate === gate ? attachment.context : guard(source)
      if (context === undefined || context.runners.isGuarded(queryRunner)) return undefined
      // This statement is beyond the guard of its runner already.
      context.runners.guard(queryRunner)
      const { session } = context.runners.carrying(queryRunner)
      const admit = (): void => count(context, queryRunner, session.admit(query))
      if (gate.isStarting) return gate.whenReady(query).then(admit)
      admit()
      return undefined
    },
  }

  function guard(dataSource: DataSourceLike): GuardContext | undefined {
    subscriber.attach(dataSource)
    return attachmentOf(dataSource)?.context
  }

  return subscriber
}
