import type { DatabaseName } from '@quiesce/test-servers'
import mysql from 'mysql2/promise'
import pg from 'pg'
import type { Row } from '../support/raw-connection.ts'

/** How an application connects. */
export interface DriverSettings {
  readonly url: string
  readonly poolSize: number
  readonly queryTimeoutMs: number | undefined
  readonly sendDelayMs?: number | undefined
}

export interface Runs {
  run(sql: string): Promise<void>
}

/** A pool of a driver, whatever the database. */
export interface Driver extends Runs {
  readonly kind: DatabaseName
  rows(sql: string): Promise<readonly Row[]>
  checkOut(): Promise<Runs & { release(broken: boolean): void }>
  end(): Promise<void>
}

/** Opens a pool of the URL's driver. */
export function openDriver(settings: DriverSettings): Driver {
  return settings.url.startsWith('postgres') ? openPg(settings) : openMysql(settings)
}

function openPg({ url, poolSize, queryTimeoutMs }: DriverSettings): Driver {
  const pool = new pg.Pool({ connectionString: url, max: poolSize, query_timeout: queryTimeoutMs })
  pool.on('error', () => {})
  // A session that is ended while it is checked out rejects its statement; without a listener it would end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  const runOn = (client: pg.Pool | pg.PoolClient) => async (sql: string) => void (await client.query(sql))
  return {
    kind: 'postgres',
    run: runOn(pool),
    rows: async (sql) => (await pool.query(sql)).rows,
    async checkOut() {
      const client = await pool.connect()
      return { run: runOn(client), release: (broken) => client.release(broken) }
    },
    end: () => pool.end(),
  }
}

function openMysql({ url, poolSize, queryTimeoutMs: timeout }: DriverSettings): Driver {
  const pool = mysql.createPool({ uri: url, connectionLimit: poolSize })
  const options = (sql: string) => (timeout === undefined ? { sql } : { sql, timeout })
  return {
    kind: 'mysql',
    run: async (sql) => void (await pool.query(options(sql))),
    rows: async (sql) => (await pool.query<mysql.RowDataPacket[]>(sql))[0],
    async checkOut() {
      const connection = await pool.getConnection()
      return {
        run: async (sql) => void (await connection.query(options(sql))),
        release: (broken) => (broken ? connection.destroy() : connection.release()),
      }
    },
    end: () => pool.end(),
  }
}
