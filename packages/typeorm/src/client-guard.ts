import { EventEmitter } from 'node:events'
import type { Gate } from '@quiesce/core/adapter'
import type { ClientRefusals } from './client-refusals.ts'
import type { GuardedConnection } from './guard-context.ts'
import { isMysqlPool, mysqlPoolGuard } from './mysql-pool-guard.ts'
import type { Patches } from './patches.ts'
import { hasFreeClient, isPgPool, type PgPool, pgPoolGuard } from './pg-pool-guard.ts'
import type { Sender } from './sender.ts'

/**
 * Guards the clients of the pools of node-postgres and mysql2, for statements that do not pass TypeORM's query runner:
 * what `qr.connect()` gives, `driver.master.query()` or `driver.pool.query()`, COPY, prepared statements, runners that
 * somebody constructed by hand.
 */
export interface ClientGuard {
  /** True when the driver's clients are guarded. */
  readonly isOn: boolean
  /** True when a client counts a statement as cheaply as its query runner would, which then leaves that to it. */
  readonly counts: boolean
  /** True when the clients count the statement of a stream, whose end they know better than the stream does. */
  readonly countsStreams: boolean
  /** Guards the pools that the driver has opened; those of other drivers are left alone. */
  watch(driver: object): void
  /** From now until its release to the pool, the client serves this query runner. */
  bind(client: unknown, connection: GuardedConnection): void
  /** The connection of the guarded client that a query runner has at the moment. */
  connectionOf(runner: object): GuardedConnection | undefined
  /**
   * True when a client that {@link counts} is given what this query runner sends now, before the process hears of anything
   * else; false where the runner would have to wait for a client, or has one that is not guarded. A subscriber that waits
   * in `beforeQuery` holds a statement back before it is decided on.
   */
  takesAtOnce(runner: object): boolean
}

/** A client that is guarded. */
export interface GuardedClient {
  /** Which connection it is at the moment: of a query runner, or of whoever has taken it from the pool. */
  connection: GuardedConnection
}

/** The clients that are guarded. */
export interface GuardedClients {
  /** Guards a client that is not guarded yet. */
  guard(client: object): void
  /** The client goes back to its pool. */
  released(client: object): void
}

/** How the pools of one driver are guarded. */
export interface PoolGuard {
  guardPool(pool: EventEmitter, clients: GuardedClients): void
  /** Called once for each client. */
  guardClient(client: object, guarded: GuardedClient): void
}

/** What the guard of clients is made of. */
export interface ClientParts {
  readonly gate: Gate
  readonly patches: Patches
  readonly sender: Sender
  readonly refusals: ClientRefusals
}

/** Makes a guard that watches no pool yet. */
export function createClientGuard(parts: ClientParts): ClientGuard {
  const { gate, patches } = parts
  // On the clients themselves: a client changes hands with every statement.
  const key = Symbol('quiesce.typeorm.client')
  /** Its own connection is kept for all who take it from the pool, one after the other. */
  const carrierOf = (client: object): { [key]?: GuardedClient & { own: GuardedConnection } } => client
  const clientOf = (runner: { readonly databaseConnection?: object }): object | undefined => runner.databaseConnection
  const guarded = new WeakSet<EventEmitter>()
  const belted = new WeakSet<object>()
  const pg = pgPoolGuard(parts)
  const mysql = mysqlPoolGuard(gate, patches)
  let own: PoolGuard | undefined
  /** Asked whether it has a client to spare; not where there are replicas, each with a pool of its own. */
  let only: { readonly pool: PgPool; readonly driver: { readonly master?: unknown } } | undefined

  function guardOnce(pool: EventEmitter): void {
    const guard = isPgPool(pool) ? pg : isMysqlPool(pool) ? mysql : undefined
    if (guard === undefined) return
    own = guard
    if (guarded.has(pool)) return
    guarded.add(pool)
    // Before the guard, so that a session is switched behind its decision, and not for what is refused.
    patches.onUndo(gate.wearBelt(pool))
    guard.guardPool(pool, { guard: (client) => void guardClient(guard, client), released })
  }

  function guardClient(guard: PoolGuard, client: object): GuardedClient {
    const known = carrierOf(client)[key]
    if (known !== undefined) return known
    const connection = { session: gate.openSession(), announced: [] }
    const made = { connection, own: connection }
    carrierOf(client)[key] = made
    guard.guardClient(client, made)
    return made
  }

  function released(client: object): void {
    const known = carrierOf(client)[key]
    if (known === undefined) return
    known.connection.session.release()
    // What a runner has announced and not sent is not its next user's.
    if (known.own.announced?.length !== 0) known.own = { session: known.own.session, announced: [] }
    known.connection = known.own
  }

  /** SQLite has one connection, whose statements all pass the query runner's guard. */
  function wearSingle(driver: object): void {
    const connection: unknown = Reflect.get(driver, 'databaseConnection')
    if (typeof connection !== 'object' || connection === null || belted.has(connection)) return
    belted.add(connection)
    patches.onUndo(gate.wearBelt(connection))
  }

  return {
    get isOn() {
      return own !== undefined
    },
    get countsStreams() {
      return own === mysql
    },
    get counts() {
      return own === pg
    },
    watch(driver) {
      wearSingle(driver)
      const pools = poolsOf(driver)
      const [first, ...others] = pools
      only = first !== undefined && others.length === 0 && isPgPool(first) ? { pool: first, driver } : undefined
      for (const pool of pools) guardOnce(pool)
    },
    bind(client, connection) {
      if (own !== undefined && typeof client === 'object' && client !== null)
        guardClient(own, client).connection = connection
    },
    connectionOf(runner) {
      const client = own === pg ? clientOf(runner) : undefined
      return client && carrierOf(client)[key]?.connection
    },
    takesAtOnce(runner) {
      if (own !== pg) return false
      const client = clientOf(runner)
      if (client !== undefined) return carrierOf(client)[key] !== undefined
      return only !== undefined && only.driver.master === only.pool && hasFreeClient(only.pool)
    },
  }
}

/** The pools in which TypeORM's drivers for PostgreSQL, CockroachDB, MySQL and MariaDB keep their clients. */
function poolsOf(driver: object): readonly EventEmitter[] {
  const [master, slaves, pool, cluster] = ['master', 'slaves', 'pool', 'poolCluster'].map((name): unknown =>
    Reflect.get(driver, name),
  )
  // mysql2 shows the pools of a cluster nowhere else.
  const nodes: unknown = typeof cluster === 'object' && cluster !== null ? Reflect.get(cluster, '_nodes') : undefined
  const ofCluster = Object.values(Object(nodes)).map((node): unknown => Reflect.get(Object(node), 'pool'))
  const candidates: readonly unknown[] = [master, ...(Array.isArray(slaves) ? slaves : []), pool, ...ofCluster]
  return candidates.filter((candidate) => candidate instanceof EventEmitter)
}
