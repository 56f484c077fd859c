import type { PoolLike } from '@quiesce/core'
import mysql from 'mysql2/promise'
import { quietPool } from './quiet-pool.ts'

/** An application's pool whose only connection is in use. */
export async function starvedPool(url: string): Promise<{ readonly pool: PoolLike; end(): Promise<void> }> {
  if (url.startsWith('postgres')) {
    const pool = quietPool({ connectionString: url, max: 1 })
    const taken = await pool.connect()
    return {
      pool,
      async end() {
        taken.release()
        await pool.end()
      },
    }
  }
  const pool = mysql.createPool({ uri: url, connectionLimit: 1 })
  const taken = await pool.getConnection()
  return {
    pool: pool as unknown as PoolLike,
    async end() {
      taken.release()
      await pool.end()
    },
  }
}
