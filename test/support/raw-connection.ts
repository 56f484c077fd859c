import mysql from 'mysql2/promise'
import pg from 'pg'
import { quietPool } from './quiet-pool.ts'

/** A row as a driver gives it. */
// A driver gives what the statement asked for; the tests that read it know what that was.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Row = Record<string, any>

/** A connection that no guard sees, as psql or another program would have it. */
export interface RawConnection {
  /** Parameters stand as `?` in every database. */
  query(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>
  end(): Promise<void>
}

/** Opens one connection. */
export async function connectRaw(url: string, name?: string): Promise<RawConnection> {
  if (!url.startsWith('postgres')) return connectMysql(url, name)
  const client = new pg.Client({ connectionString: url, ...(name === undefined ? {} : { application_name: name }) })
  client.on('error', () => {})
  await client.connect()
  return {
    query: async (sql, parameters = []) => (await client.query(numbered(sql), [...parameters])).rows,
    end: () => client.end(),
  }
}

/** A few connections of one kind, for a test that asks many things at once. */
export function poolRaw(url: string): RawConnection {
  if (url.startsWith('postgres')) {
    const pool = quietPool({ connectionString: url, max: 5 })
    return {
      query: async (sql, parameters = []) => (await pool.query(numbered(sql), [...parameters])).rows,
      end: () => pool.end(),
    }
  }
  const pool = mysql.createPool({ uri: url, connectionLimit: 5, timezone: 'Z' })
  return {
    query: async (sql, parameters = []) => rowsOf(await pool.query(sql, [...parameters])),
    end: () => pool.end(),
  }
}

async function connectMysql(url: string, name: string | undefined): Promise<RawConnection> {
  const connectAttributes = name === undefined ? {} : { program_name: name }
  const connection = await mysql.createConnection({ uri: url, timezone: 'Z', connectAttributes })
  connection.on('error', () => {})
  return {
    query: async (sql, parameters = []) => rowsOf(await connection.query(sql, [...parameters])),
    end: () => connection.end(),
  }
}

function numbered(sql: string): string {
  let n = 0
  return sql.replaceAll('?', () => `$${++n}`)
}

function rowsOf([rows]: [unknown, unknown]): readonly Row[] {
  return Array.isArray(rows) ? rows.map(readable) : []
}

/** Binary strings as text, which they all are in these tests. */
function readable(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, Buffer.isBuffer(value) ? value.toString() : value]),
  )
}
