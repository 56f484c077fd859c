import { EventEmitter } from 'node:events'
import type { Gate } from '@quiesce/core/adapter'
import { answer, queryOnClient } from './client-query.ts'
import { type GuardedConnection, isRestricted } from './guard-context.ts'
import type { Patches } from './patches.ts'
import { readQueryCall } from './query-call.ts'
import { type Sender, takeAnnounced } from './sender.ts'

/**
 * Guards the clients of node-postgres pools, for statements that do not pass TypeORM's query runner: `qr.connect()`
 * and then `client.query()`, `driver.master.query()`, COPY, runners that somebody constructed by hand.
 */
export interface ClientGuard {
  /** True when the driver's clients are guarded. */
  readonly isOn: boolean
  /** Guards the pools that the driver has opened; other drivers than node-postgres are left alone. */
  watch(driver: object): void
  /** From now until its release to the pool, the client serves this query runner. */
  bind(client: unknown, connection: GuardedConnection): void
}

/** Makes a guard that watches no pool yet. */
export function createClientGuard(gate: Gate, patches: Patches, sender: Sender): ClientGuard {
  const connections = new WeakMap<object, GuardedConnection>()
  const guarded = new WeakSet<object>()
  let isOn = false

  function connectionOf(client: object): GuardedConnection {
    const known = connections.get(client)
    if (known !== undefined) return known
    const connection = { session: gate.openSession(), announced: undefined }
    connections.set(client, connection)
    return connection
  }

  function guardClient(client: object): void {
    if (guarded.has(client)) return
    guarded.add(client)
    patches.replaceTransient(client, 'query', (query) => (args) => {
      const { session, announced } = connectionOf(client)
      const isAdmitted = announced !== undefined && takeAnnounced(announced, readQueryCall(args).sql)
      return isAdmitted ? query(args) : queryOnClient(gate, sender, session, query, args)
    })
  }

  function released(_error: unknown, client: object): void {
    connections.get(client)?.session.release()
    connections.delete(client)
  }

  function guardPool(pool: EventEmitter): void {
    if (guarded.has(pool)) return
    guarded.add(pool)
    // 'acquire' comes before a client is handed out, also for clients that were opened before this pool was watched.
    pool.on('acquire', guardClient)
    pool.on('release', released)
    patches.onUndo(() => {
      pool.off('acquire', guardClient)
      pool.off('release', released)
    })
    patches.replaceTransient(pool, 'query', (query) => (args) => {
      const refusal = refusalOf(gate, args)
      return refusal === undefined ? query(args) : refusal.answered
    })
  }

  return {
    get isOn() {
      return isOn
    },
    watch(driver) {
      for (const pool of poolsOf(driver)) {
        guardPool(pool)
        isOn = true
      }
    },
    bind(client, connection) {
      if (!isOn || typeof client !== 'object' || client === null) return
      connections.set(client, connection)
      guardClient(client)
    },
  }
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

/** The pools in which TypeORM's PostgreSQL and CockroachDB drivers keep their clients. */
function poolsOf(driver: object): readonly EventEmitter[] {
  const master: unknown = Reflect.get(driver, 'master')
  const slaves: unknown = Reflect.get(driver, 'slaves')
  const candidates: readonly unknown[] = [master, ...(Array.isArray(slaves) ? slaves : [])]
  return candidates.filter(isPool)
}

function isPool(value: unknown): value is EventEmitter {
  return value instanceof EventEmitter && 'totalCount' in value && 'query' in value
}
