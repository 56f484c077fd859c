/** A row by column names. */
export type MysqlRow = Readonly<Record<string, unknown>>

/** A connection to MySQL or MariaDB. */
export interface MysqlSession {
  query(sql: string): Promise<readonly MysqlRow[]>
}

const connectTimeoutMs = 5_000

/** Opens a connection for as long as `use` takes. */
export async function withMysqlSession<T>(url: string, use: (session: MysqlSession) => Promise<T>): Promise<T> {
  // Loaded when needed: a test of PostgreSQL does without.
  const { createConnection } = await import('mysql2/promise')
  const connection = await createConnection({ uri: url, connectTimeout: connectTimeoutMs })
  // A connection that breaks also fails the call in progress; the event alone must not end the process.
  connection.on('error', () => undefined)
  try {
    return await use({
      async query(sql) {
        const [rows] = await connection.query(sql)
        const all: readonly unknown[] = Array.isArray(rows) ? rows : []
        return all.filter(isRow)
      },
    })
  } finally {
    connection.destroy()
  }
}

/** Runs one statement on a connection of its own and returns the rows. */
export function queryMysqlOnce(url: string, sql: string): Promise<readonly MysqlRow[]> {
  return withMysqlSession(url, (session) => session.query(sql))
}

function isRow(value: unknown): value is MysqlRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
