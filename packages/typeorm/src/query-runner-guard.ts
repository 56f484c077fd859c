import type { QueryRunnerLike } from './data-source-like.ts'
import type { GuardedConnection, GuardParts } from './guard-context.ts'
import type { Method } from './patches.ts'
import { createRunnerMethods, type Handler, type MethodName } from './runner-methods.ts'
import { answerOfSkipped } from './skipped-answer.ts'
import { endWithStream } from './stream-guard.ts'
import { guardTransactionCalls } from './transaction-calls.ts'

/** Guards the query runners of one data source. */
export interface QueryRunnerGuard {
  /**
   * Guards every statement of one query runner: `query`, `stream`, and where its transaction ends.
   *
   * This is the choke point under everything that TypeORM offers. A refused statement is a rejected promise before the
   * original method is called: nothing is sent, no connection is taken from the pool, no event is broadcast. SQLite
   * drivers hand out one runner for ever, so a runner that is guarded already is left alone.
   */
  guard(runner: QueryRunnerLike): GuardedConnection
  /** The connection of a guarded query runner. */
  connectionOf(runner: object): GuardedConnection | undefined
}

/** A query runner's connection, and whether its client knows whose statements it carries. */
interface RunnerState extends GuardedConnection {
  isBound: boolean
}

/** Makes the guard for the runners of one driver. */
export function createQueryRunnerGuard(parts: GuardParts, driverType: string): QueryRunnerGuard {
  const { gate, patches, clients } = parts
  const methods = createRunnerMethods(patches, handlersOf(parts, driverType))

  return {
    connectionOf: methods.stateOf,
    guard(runner) {
      const known = methods.stateOf(runner)
      if (known !== undefined) return known
      const connection = { session: gate.openSession(), announced: clients.isOn ? [] : undefined, isBound: false }
      methods.replaceOn(runner, connection)
      guardTransactionCalls(gate, patches, runner, connection.session, driverType)
      return connection
    },
  }
}

function handlersOf(
  { gate, sender, clients }: GuardParts,
  driverType: string,
): Readonly<Record<MethodName, Handler<RunnerState>>> {
  return {
    query({ session, announced }, runner, query, args) {
      return sender.send(session, { sql: String(args[0]), announced, wanted: 'rows' }, (skipped) =>
        skipped
          ? answerOfSkipped(driverType, (instead) => Reflect.apply(query, runner, instead), args, skipped)
          : promised(query, runner, args),
      )
    },

    stream({ session, announced }, runner, stream, args) {
      return sender.sendOpen(
        session,
        // Where the client counts it, it asks once more, and this decision only spares the connection.
        { sql: String(args[0]), announced: clients.countsStreams ? undefined : announced },
        () => promised(stream, runner, args),
        (rows, ticket) => (clients.countsStreams ? ticket.end('answered') : endWithStream(gate, rows, ticket)),
      )
    },

    /** Each statement of a runner asks for its client; it is the same one until the runner is released. */
    connect(state, runner, connect, args) {
      const connecting = promised(connect, runner, args)
      if (state.announced === undefined || state.isBound) return connecting
      state.isBound = true
      // Ahead of everybody who waits for the same promise, so before the client is given its first statement.
      connecting.then(
        (client) => clients.bind(client, state),
        () => {
          state.isBound = false
        },
      )
      return connecting
    },

    release({ session }, runner, release, args) {
      const releasing = promised(release, runner, args)
      const free = (): void => {
        // SQLite's shared runner is never released: somebody else's transaction may be open on it.
        if (runner.isReleased) session.release()
      }
      if (runner.isReleased) free()
      else releasing.then(free, free)
      return releasing
    },
  }
}

function promised(method: Method, runner: QueryRunnerLike, args: readonly unknown[]): Promise<unknown> {
  const value: unknown = Reflect.apply(method, runner, args)
  return value instanceof Promise ? value : Promise.resolve(value)
}
