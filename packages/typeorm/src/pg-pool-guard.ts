import type { EventEmitter } from 'node:events'
import type { Gate } from '@quiesce/core/adapter'
import type { ClientConnections, PoolGuard } from './client-guard.ts'
import { answer, queryOnClient } from './client-query.ts'
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
export function pgPoolGuard(gate: Gate, patches: Patches, sender: Sender, connections: ClientConnections): PoolGuard {
  const guarded = new WeakSet<object>()

  function guardClient(client: object): void {
    if (guarded.has(client)) return
    guarded.add(client)
    patches.replaceTransient(client, 'query', (query) => (args) => {
      const { session, announced } = connections.of(client)
      const isAdmitted = announced?.length !== 0 && takeAnnounced(announced, textOf(args[0]))
      return isAdmitted ? query(args) : queryOnClient(gate, sender, session, query, args)
    })
  }

  function acquired(client: object): void {
    guardClient(client)
    // A query runner that finds it here leaves the counting to it.
    connections.of(client)
  }

  function released(_error: unknown, client: object): void {
    connections.released(client)
  }

  function guardPool(pool: EventEmitter): void {
    // 'acquire' comes before a client is handed out, also for clients that were opened before this pool was watched.
    pool.on('acquire', acquired)
    pool.on('release', released)
    patches.onUndo(() => {
      pool.off('acquire', acquired)
      pool.off('release', released)
    })
    patches.replaceTransient(pool, 'query', (query) => (args) => {
      const refusal = refusalOf(gate, args)
      return refusal === undefined ? query(args) : refusal.answered
    })
  }

  return { guardPool, guardClient }
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
