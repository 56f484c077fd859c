import type { QueryRunnerLike } from './data-source-like.ts'
import type { GuardedConnection, GuardParts } from './guard-context.ts'
import { promised } from './patches.ts'
import { createRunnerConnections } from './runner-connections.ts'
import { createRunnerMethods, type Replace, whileActive } from './runner-methods.ts'
import { answerOfSkipped } from './skipped-answer.ts'
import { endWithStream } from './stream-guard.ts'
import { guardTransactionCalls } from './transaction-calls.ts'

/** Guards the query runners of one data source. */
export interface QueryRunnerGuard {
  /**
   * Guards every statement of one query runner: `query`, `stream`, and where its transaction ends.
   *
   * This is the choke point under everything that TypeORM offers. A refused statement is a rejected promise before the
   * original method is called: nothing is sent, no connection is taken from the pool, no event is broadcast. While the
   * cluster is read-write, what a guarded client will be given at once is left to that, which decides and counts alike.
   * SQLite drivers hand out one runner for ever, so a runner that is guarded already is left alone.
   */
  guard(runner: QueryRunnerLike): void
  isGuarded(runner: object): boolean
  /** The connection of a guarded query runner, once it has one. */
  connectionOf(runner: object): GuardedConnection | undefined
  /** The connection that carries what a guarded query runner sends; made when it has none. */
  carrying(runner: QueryRunnerLike): GuardedConnection
}

/** Makes the guard for the runners of one driver. */
export function createQueryRunnerGuard(parts: GuardParts, driverType: string): QueryRunnerGuard {
  const { gate, patches, clients } = parts
  const connections = createRunnerConnections(parts)
  const methods = createRunnerMethods({
    ...replacedStatements(parts, driverType, carrying),
    connect: whileActive(patches, connections.connect),
    release: whileActive(patches, connections.release),
  })

  function carrying(runner: QueryRunnerLike): GuardedConnection {
    const known = connections.of(runner)
    if (known !== undefined) return known
    methods.replaceConnection(runner)
    return connections.open(runner)
  }

  return {
    isGuarded: methods.isReplacedOn,
    connectionOf: connections.of,
    carrying,
    guard(runner) {
      if (!methods.replaceStatements(runner) || clients.counts) return
      const { session } = carrying(runner)
      guardTransactionCalls(gate, patches, runner, session, driverType)
    },
  }
}

function replacedStatements(
  { gate, heard, patches, sender, clients }: GuardParts,
  driverType: string,
  carrying: (runner: QueryRunnerLike) => GuardedConnection,
): Readonly<Record<'query' | 'stream', Replace>> {
  const isLeftToClient = (runner: QueryRunnerLike): boolean => heard.isReadWrite && clients.takesAtOnce(runner)

  return {
    // Whole, and not by `whileActive`: each statement passes it.
    query: (original) =>
      function query(this: QueryRunnerLike, ...args: readonly unknown[]): unknown {
        if (!patches.isActive) return Reflect.apply(original, this, args)
        if (isLeftToClient(this)) return Reflect.apply(original, this, args)
        const { session, announced } = carrying(this)
        return sender.send(session, { sql: String(args[0]), announced, wanted: 'rows' }, (skipped) =>
          skipped
            ? answerOfSkipped(driverType, (instead) => Reflect.apply(original, this, instead), args, skipped)
            : promised(original, this, args),
        )
      },

    stream: whileActive(patches, (runner, stream, args) => {
      if (isLeftToClient(runner)) return promised(stream, runner, args)
      const { session, announced } = carrying(runner)
      return sender.sendOpen(
        session,
        // Where the client counts it, it asks once more, and this decision only spares the connection.
        { sql: String(args[0]), announced: clients.countsStreams ? undefined : announced },
        () => promised(stream, runner, args),
        (rows, ticket) => (clients.countsStreams ? ticket.end('answered') : endWithStream(gate, rows, ticket)),
      )
    }),
  }
}
