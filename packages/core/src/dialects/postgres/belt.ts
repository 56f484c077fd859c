import { EventEmitter } from 'node:events'
import type { Belt, BeltWearer } from '../../domain/belt.ts'
import { transactionControl } from '../../sql/transaction-control.ts'
import { createBeltedSession } from '../belted-session.ts'
import { sqlStateOf } from './errors.ts'

const READ_ONLY = 'SET default_transaction_read_only = on'
const READ_WRITE = 'RESET default_transaction_read_only'
const WHO_ANSWERS = 'SELECT pg_backend_pid() AS pid'

type Query = (...args: readonly unknown[]) => unknown

/** A client of node-postgres. */
interface PgClient {
  query: Query
  /** The server process that the client was told of when it connected. */
  readonly processID?: number | null
}

/** Sessions of PostgreSQL, by the clients of a `pg.Pool`. */
export const postgresBelt: Belt = {
  isRefusal: (error) => sqlStateOf(error) === '25006',
  wear(pool, wearer) {
    if (!(pool instanceof EventEmitter) || !('totalCount' in pool)) return undefined
    const known = new WeakSet<PgClient>()
    const poolSafety = { checked: undefined as Promise<boolean> | undefined }
    const equip = (client: PgClient): void => {
      if (!known.has(client)) equipClient(client, wearer, poolSafety)
      known.add(client)
    }
    pool.on('connect', equip)
    pool.on('acquire', equip)
    return () => {
      pool.off('connect', equip)
      pool.off('acquire', equip)
    }
  },
}

interface Safety {
  checked: Promise<boolean> | undefined
}

function equipClient(client: PgClient, wearer: BeltWearer, safety: Safety): void {
  const original = client.query
  const send: Query = (...args) => Reflect.apply(original, client, args)
  const session = createBeltedSession(wearer, transactionControl)
  /** Resolves when everything that was sent before has been handed to the client. */
  let tail: Promise<void> | undefined

  const change = async (readOnly: boolean): Promise<void> => {
    try {
      safety.checked ??= isDirect(client, send, wearer)
      if (await safety.checked) await send(readOnly ? READ_ONLY : READ_WRITE)
    } catch (error) {
      session.failed()
      wearer.warn('the session of a connection could not be switched', error)
    }
  }

  client.query = (...args) => {
    const switching = session.before(textOf(args[0]))
    if (switching === undefined && tail === undefined) return send(...args)
    // node-postgres wants one statement at a time, so what follows waits for the switch.
    const ready = (tail ?? Promise.resolve()).then(() => (switching === undefined ? undefined : change(switching)))
    const sent = ready.then(() => ({ result: send(...args) }))
    const handed = sent.then(
      () => {},
      () => {},
    )
    tail = handed
    handed.finally(() => {
      if (tail === handed) tail = undefined
    })
    if (isSubmittable(args[0])) return args[0]
    return answersByCallback(args) ? undefined : sent.then(({ result }) => result)
  }
}

/** False behind a pooler, which gives a connection's statements to whatever session is free: a setting would leak there. */
async function isDirect(client: PgClient, send: Query, wearer: BeltWearer): Promise<boolean> {
  const { rows } = (await send(WHO_ANSWERS)) as { readonly rows: readonly { readonly pid: number }[] }
  const isSame = rows[0]?.pid === client.processID
  if (!isSame) {
    wearer.warn(
      "belt: 'session' is off for a pool of connections: a pooler stands between it and PostgreSQL, where a session's settings reach other programs. Connect directly, or rely on the guards and the fence.",
    )
  }
  return isSame
}

function textOf(first: unknown): string {
  if (typeof first === 'string') return first
  const { text, cursor } = Object(first) as { readonly text?: unknown; readonly cursor?: unknown }
  if (typeof text === 'string') return text
  return cursor === undefined ? '' : textOf(cursor)
}

function isSubmittable(first: unknown): boolean {
  return typeof Object(first).submit === 'function'
}

function answersByCallback(args: readonly unknown[]): boolean {
  return args.some((arg) => typeof arg === 'function') || typeof Object(args[0]).callback === 'function'
}
