import { Client } from 'pg'

const connectTimeoutMs = 5_000

/** Runs one statement on a connection of its own and returns the rows. */
export async function queryOnce(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs })
  // A connection that breaks also fails the call in progress; the event alone must not end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<Record<string, unknown>>(sql)
    return rows
  } finally {
    await client.end()
  }
}
