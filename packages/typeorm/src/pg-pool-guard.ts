import type { EventEmitter } from 'node:events'
import type { Gate } from '@quiesce/core/adapter'
import type { GuardedClient, GuardedClients, PoolGuard } from './client-guard.ts'
import { answer, sendCall, sendText } from './client-query.ts'
import { isRestricted } from './guard-context.ts'
import type { Patches } from './patches.ts'
import { readQueryCall, textOf } from './query-call.ts'
import { type Sender, takeAnnounced } from './sender.ts'

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
export function pgPoolGuard(gate: Gate, patches: Patches, sender: Sender): PoolGuard {
  function guardClient(client: object, guarded: GuardedClient): void {
    patches.replaceWholeTransient(client, 'query', (query) => (...args) => {
      const { session, announced } = guarded.connection
      const passes = !patches.isActive || (announced?.length !== 0 && takeAnnounced(announced, textOf(args[0])))
      if (passes) return Reflect.apply(query, client, args)
      const [text, values] = args
      return isText(text, values, args.length) && !gate.isStarting
        ? sendText(gate, session, client, query, text, values)
        : sendCall(gate, sender, session, (given) => Reflect.apply(query, client, given), args)
    })
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

function isText(text: unknown, values: unknown, count: number): text is string {
  return typeof text === 'string' && count <= 2 && typeof values !== 'function'
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
