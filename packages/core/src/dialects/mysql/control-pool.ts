import type { Connection, Pool, PoolConnection, PoolOptions } from 'mysql2/promise'
import { QuiesceError } from '../../domain/errors.ts'
import { controlClosed } from '../control-closed.ts'
import type { ConnectionOptions } from '../dialect.ts'
import { sessionStatements } from './session.ts'

/** A few connections that are ready for our statements. */
export interface ControlPool {
  take(): Promise<PoolConnection>
  giveBack(connection: Connection): void
  /** Opens a connection of the caller's own. */
  openSingle(): Promise<Connection>
  /** Throws when the pool is closed; `cause`: what a statement that was under way came to. */
  refuseClosed(cause?: unknown): void
  close(): Promise<void>
}

const LONGEST_GOODBYE_MS = 1000

/** Every column as text in UTF-8, so that no option of the driver and no type of the server changes what we read. */
const asText: NonNullable<PoolOptions['typeCast']> = (field) => field.buffer()?.toString('utf8') ?? null

/** Opens connections when they are needed; idle ones do not keep the process alive. */
export function createControlPool(config: PoolOptions, options: ConnectionOptions): ControlPool {
  const settings = controlSettings(config, options)
  const statements = sessionStatements(options.statementTimeoutMs)
  const ready = new WeakSet<object>()
  const open = new Set<PoolConnection['connection']>()
  let pool: Promise<Pool> | undefined
  let closed = false

  const refuseClosed = (cause?: unknown): void => {
    if (closed) throw controlClosed(cause)
  }
  const prepare = async (connection: Connection): Promise<void> => {
    try {
      for (const sql of statements) await connection.query({ sql, timeout: options.statementTimeoutMs })
    } catch (error) {
      connection.destroy()
      throw error
    }
  }
  return {
    refuseClosed,
    async take() {
      refuseClosed()
      pool ??= importDriver().then(({ createPool }) =>
        createPool({ ...settings, connectionLimit: options.poolSize, maxIdle: options.poolSize }),
      )
      const connection = await (await pool).getConnection().catch((error: unknown) => {
        refuseClosed(error)
        throw error
      })
      const key = connection.connection
      socketOf(connection)?.ref?.()
      if (ready.has(key)) return connection
      open.add(key)
      key.once('end', () => open.delete(key))
      await prepare(connection)
      ready.add(key)
      return connection
    },
    giveBack(connection) {
      socketOf(connection)?.unref?.()
      ;(connection as PoolConnection).release()
    },
    async openSingle() {
      refuseClosed()
      const connection = await (await importDriver()).createConnection(settings)
      await prepare(connection)
      return connection
    },
    async close() {
      closed = true
      const ending = pool?.then((opened) => opened.end())
      pool = undefined
      await Promise.race([ending, passed(LONGEST_GOODBYE_MS)])
      // A server that is cut off does not answer a goodbye.
      for (const connection of open) connection.destroy()
    },
  }
}

function controlSettings(config: PoolOptions, options: ConnectionOptions): PoolOptions {
  return {
    ...config,
    charset: 'UTF8MB4_BIN',
    // Counts the rows that a statement found, changed or not.
    flags: ['FOUND_ROWS'],
    connectAttributes: { program_name: options.applicationName },
    connectTimeout: options.connectionTimeoutMs,
    enableKeepAlive: true,
    typeCast: asText,
  }
}

interface Socket {
  readonly ref?: () => void
  readonly unref?: () => void
}

/** The driver has no public way to let the process end although a connection is open. */
function socketOf(connection: Connection): Socket | undefined {
  return (connection as unknown as { connection: { stream?: Socket } }).connection.stream
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}

async function importDriver(): Promise<typeof import('mysql2/promise')> {
  try {
    return await import('mysql2/promise')
  } catch (cause) {
    throw new QuiesceError(
      'QUIESCE_CONFIG',
      'A MySQL or MariaDB URL or pool needs the package "mysql2", which is not installed. Run: npm install mysql2',
      {},
      { cause },
    )
  }
}
