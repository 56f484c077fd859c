import type { QueryRunnerLike } from './data-source-like.ts'
import type { GuardContext, GuardedConnection } from './guard-context.ts'
import { answerOfSkipped } from './skipped-answer.ts'
import { endWithStream } from './stream-guard.ts'
import { guardTransactionCalls } from './transaction-calls.ts'

/**
 * Guards every statement of one query runner: `query`, `stream`, and where its transaction ends.
 *
 * This is the choke point under everything that TypeORM offers. A refused statement is a rejected promise before the
 * original method is called: nothing is sent, no connection is taken from the pool, no event is broadcast. SQLite
 * drivers hand out one runner for ever, so a runner that is guarded already is left alone.
 */
export function guardQueryRunner(
  context: GuardContext,
  runner: QueryRunnerLike,
  driverType: string,
): GuardedConnection {
  const known = context.connections.get(runner)
  if (known !== undefined) return known
  const { gate, patches, sender, clients } = context
  const session = gate.openSession()
  const announced: string[] | undefined = clients.isOn ? [] : undefined
  const connection: GuardedConnection = { session, announced }
  context.connections.set(runner, connection)

  patches.replaceTransient(
    runner,
    'query',
    (query) => (args) =>
      sender.send(session, { sql: String(args[0]), announced, wanted: 'rows' }, (skipped) =>
        skipped ? answerOfSkipped(driverType, query, args, skipped) : asPromise(query(args)),
      ),
  )
  patches.replaceTransient(
    runner,
    'stream',
    (stream) => (args) =>
      sender.sendOpen(
        session,
        // Where the client counts it, it asks once more, and this decision only spares the connection.
        { sql: String(args[0]), announced: clients.countsStreams ? undefined : announced },
        () => asPromise(stream(args)),
        (rows, ticket) => (clients.countsStreams ? ticket.end('answered') : endWithStream(gate, rows, ticket)),
      ),
  )
  patches.replaceTransient(
    runner,
    'release',
    (release) => (args) =>
      asPromise(release(args)).finally(() => {
        // SQLite's shared runner is never released: somebody else's transaction may be open on it.
        if (runner.isReleased) session.release()
      }),
  )
  if (announced !== undefined) bindToClient(context, runner, connection)
  guardTransactionCalls(gate, patches, runner, session, driverType)
  return connection
}

/** Tells the client's guard whose statements the client carries. */
function bindToClient(
  { patches, clients }: GuardContext,
  runner: QueryRunnerLike,
  connection: GuardedConnection,
): void {
  // Each statement of a runner asks for its client; it is the same one until the runner is released.
  let isBound = false
  patches.replaceTransient(runner, 'connect', (connect) => (args) => {
    if (isBound) return connect(args)
    return asPromise(connect(args)).then((client) => {
      clients.bind(client, connection)
      isBound = true
      return client
    })
  })
}

function asPromise(value: unknown): Promise<unknown> {
  return value instanceof Promise ? value : Promise.resolve(value)
}
