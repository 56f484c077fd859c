import { QuiesceError } from '../../domain/errors.ts'

/** How a transaction of the holder's is opened. */
export interface BypassOptions {
  /** The longest life of the transaction, for Prisma, which demands one. Default 3 600 000. */
  readonly timeoutMs?: number
}

/** What a pool of `pg` or `mysql2` gives inside `bypass()`. */
export interface BypassConnection {
  // What a driver answers is the driver's business.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  query(sql: string, parameters?: readonly unknown[]): Promise<any>
}

/** What `fn` gets: Prisma's transaction client, TypeORM's entity manager, or a connection of the pool. */
export type BypassTransaction<C> = C extends {
  $transaction: (fn: (client: infer T) => never, ...rest: never) => unknown
}
  ? T
  : C extends { createQueryRunner: unknown; manager: infer M }
    ? M
    : BypassConnection

/** Runs one statement in the transaction and gives its rows. */
export type RowsOf = (sql: string, parameters: readonly unknown[]) => Promise<readonly unknown[]>

/** Called inside the transaction with its client, and with how a statement is run in it. */
export type Inside<T> = (transaction: unknown, rowsOf: RowsOf) => Promise<T>

interface PrismaLike {
  $transaction<T>(fn: (client: PrismaTransaction) => Promise<T>, options: object): Promise<T>
}

interface PrismaTransaction {
  $queryRawUnsafe(sql: string, ...parameters: unknown[]): Promise<unknown>
}

interface DataSourceLike {
  transaction<T>(
    fn: (manager: { query(sql: string, parameters: unknown[]): Promise<unknown> }) => Promise<T>,
  ): Promise<T>
}

interface Connection extends BypassConnection {
  release(broken?: unknown): void
  destroy?(): void
}

const ONE_HOUR_MS = 3_600_000
const MAX_WAIT_MS = 30_000

/**
 * Opens a transaction of whatever client it is, told by its methods: no ORM and no driver is imported.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` for anything else.
 */
export function inClientTransaction<T>(client: object, options: BypassOptions, inside: Inside<T>): Promise<T> {
  const has = (method: string): boolean => typeof Reflect.get(client, method) === 'function'
  if (has('$transaction')) {
    const settings = { timeout: options.timeoutMs ?? ONE_HOUR_MS, maxWait: MAX_WAIT_MS }
    return (client as PrismaLike).$transaction(
      (tx) => inside(tx, async (sql, parameters) => listOf(await tx.$queryRawUnsafe(sql, ...parameters))),
      settings,
    )
  }
  if (has('createQueryRunner')) {
    return (client as DataSourceLike).transaction((manager) =>
      inside(manager, async (sql, parameters) => listOf(await manager.query(sql, [...parameters]))),
    )
  }
  if (has('getConnection')) {
    return onConnection((client as { getConnection(): Promise<Connection> }).getConnection(), inside)
  }
  if (has('connect')) return onConnection((client as { connect(): Promise<Connection> }).connect(), inside)
  throw new QuiesceError(
    'QUIESCE_CONFIG',
    'bypass() takes a Prisma client, a TypeORM data source, a pg.Pool or a pool of mysql2/promise, and got something else.',
  )
}

async function onConnection<T>(opened: Promise<Connection>, inside: Inside<T>): Promise<T> {
  const connection = await opened
  let broken = false
  try {
    await connection.query('BEGIN')
    const value = await inside(connection, async (sql, parameters) => {
      const answer: unknown = await connection.query(sql, [...parameters])
      return listOf(Array.isArray(answer) ? answer[0] : (answer as { rows: unknown }).rows)
    })
    await connection.query('COMMIT')
    return value
  } catch (error) {
    // Nobody gets a connection back whose transaction may still be open.
    await connection.query('ROLLBACK').catch(() => {
      broken = true
    })
    throw error
  } finally {
    if (broken && connection.destroy !== undefined) connection.destroy()
    else connection.release(broken)
  }
}

function listOf(answer: unknown): readonly unknown[] {
  return Array.isArray(answer) ? answer : []
}
