import type { QueryRunnerLike } from './data-source-like.ts'
import type { GuardedConnection, GuardParts } from './guard-context.ts'
import { type Method, promised } from './patches.ts'

/** Which connection each query runner of one data source has. */
export interface RunnerConnections {
  /** The connection of its client, or its own for as long as it has none that is guarded. */
  of(runner: object): GuardedConnection | undefined
  /** Gives a runner a connection of its own. */
  open(runner: object): GuardedConnection
  /** In the place of `connect()`, where a runner has a connection of its own: its client takes that over. */
  connect(runner: QueryRunnerLike, connect: Method, args: readonly unknown[]): unknown
  /** In the place of `release()`, where a runner has a connection of its own: the connection is over. */
  release(runner: QueryRunnerLike, release: Method, args: readonly unknown[]): unknown
}

/** A connection of a runner's own, and whether its client knows whose statements it carries. */
interface OwnConnection extends GuardedConnection {
  isBound: boolean
}

/** Makes the connections of the runners of one driver. */
export function createRunnerConnections({ gate, clients }: Pick<GuardParts, 'gate' | 'clients'>): RunnerConnections {
  // Of its own, so that the guards of two data sources can stand on one runner.
  const key = Symbol('quiesce.typeorm.own-connection')
  const carrierOf = (runner: object): { [key]?: OwnConnection } => runner

  return {
    of: (runner) => clients.connectionOf(runner) ?? carrierOf(runner)[key],

    open(runner) {
      const own = { session: gate.openSession(), announced: clients.isOn ? [] : undefined, isBound: false }
      carrierOf(runner)[key] = own
      return own
    },

    /** Each statement of a runner asks for its client; it is the same one until the runner is released. */
    connect(runner, connect, args) {
      const connecting = promised(connect, runner, args)
      const own = carrierOf(runner)[key]
      if (own?.announced === undefined || own.isBound) return connecting
      own.isBound = true
      // Ahead of everybody who waits for the same promise, so before the client is given its first statement.
      connecting.then(
        (client) => clients.bind(client, own),
        () => {
          own.isBound = false
        },
      )
      return connecting
    },

    release(runner, release, args) {
      const releasing = promised(release, runner, args)
      const free = (): void => {
        // SQLite's shared runner is never released: somebody else's transaction may be open on it.
        if (runner.isReleased) carrierOf(runner)[key]?.session.release()
      }
      if (runner.isReleased) free()
      else releasing.then(free, free)
      return releasing
    },
  }
}
