import type { EventEmitter } from 'node:events'
import type { Gate, Session, Ticket } from '@quiesce/core/adapter'
import type { ClientParts, GuardedClient, GuardedClients, PoolGuard } from './client-guard.ts'
import { answer, sendCall, sendText } from './client-query.ts'
import { type GuardedConnection, isRestricted } from './guard-context.ts'
import type { Method } from './patches.ts'
import { readQueryCall, textOf } from './query-call.ts'
import { takeAnnounced } from './sender.ts'

/** A pool of node-postgres. */
export interface PgPool extends EventEmitter {
  readonly idleCount: number
  readonly waitingCount: number
}

/** Tells a pool of node-postgres from others. */
export function isPgPool(pool: EventEmitter): pool is PgPool {
  return 'totalCount' in pool && 'query' in pool
}

/** Whether the pool would hand out a client at once, before anybody else's turn. */
export function hasFreeClient({ idleCount, waitingCount }: PgPool): boolean {
  return idleCount > waitingCount
}

/** Guards pools of node-postgres by the `query()` of each client. */
export function pgPoolGuard(parts: ClientParts): PoolGuard {
  const { gate, patches, sender, refusals } = parts

  function guardClient(client: object, guarded: GuardedClient): void {
    patches.replaceWholeTransient(client, 'query', (query) => (...args) => {
      const { connection } = guarded
      // First what nearly every statement is: one that may be sent, and that nobody has announced.
      const noted = patches.isActive ? noteText(connection, args) : undefined
      if (noted !== undefined) return sendText(parts, noted, client, query, args)
      const passes = !patches.isActive || takeAnnounced(connection.announced, textOf(args[0]))
      return passes ? Reflect.apply(query, client, args) : sendIfAdmitted(connection.session, client, query, args)
    })
  }

  function sendIfAdmitted(session: Session, client: object, query: Method, args: readonly unknown[]): unknown {
    if (!isText(args) || gate.isStarting)
      return sendCall(gate, sender, session, (given) => Reflect.apply(query, client, given), args)
    let ticket: Ticket
    try {
      ticket = session.admit(args[0])
    } catch (error) {
      refusals.expect()
      return Promise.reject(error)
    }
    return sendText(parts, ticket, client, query, args)
  }

  function guardPool(pool: EventEmitter, clients: GuardedClients): void {
    const released = (_error: unknown, client: object): void => clients.released(client)
    // 'acquire' comes before a client is handed out, also for clients that were opened before this pool was watched.
    pool.on('acquire', clients.guard)
    pool.on('release', released)
    patches.onUndo(() => {
      pool.off('acquire', clients.guard)
      pool.off('release', released)
    })
    patches.replaceTransient(pool, 'query', (query) => (args) => {
      const refusal = refusalOf(gate, args)
      return refusal === undefined ? query(args) : refusal.answered
    })
  }

  return { guardPool, guardClient }
}

function noteText({ session, announced }: GuardedConnection, args: readonly unknown[]): Ticket | undefined {
  return announced?.length === 0 && isText(args) ? session.note(args[0]) : undefined
}

/** A text alone or with its values, for a promise. */
function isText(args: readonly unknown[]): args is readonly [string, unknown?] {
  return typeof args[0] === 'string' && args.length <= 2 && typeof args[1] !== 'function'
}

/**
 * Refuses `pool.query()` at its entry: a refusal by the client would make the pool throw away a healthy connection.
 * What is admitted here is counted by the client's guard.
 */
function refusalOf(gate: Gate, args: readonly unknown[]): { readonly answered: unknown } | undefined {
  if (!isRestricted(gate)) return undefined
  const call = readQueryCall(args)
  if (call.shape === 'submittable') return undefined
  try {
    gate.admit(call.sql).end('answered')
    return undefined
  } catch (error) {
    const refused = Promise.reject(error)
    if (call.shape === 'promise') return { answered: refused }
    answer(call.callback, refused)
    return { answered: undefined }
  }
}
