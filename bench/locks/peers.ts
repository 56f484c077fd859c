import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from '@quiesce/core'
import type pg from 'pg'

/** A way to run something while nobody else does. */
export interface LockWay {
  readonly name: string
  /** What happens to the lock when its holder's process dies. */
  readonly whenHolderDies: string
  /** Takes the lock, waiting for it if need be, runs `work`, and gives it back. */
  hold(work: () => Promise<void>): Promise<void>
}

/** How long those that have to try again pause, with jitter; the same for all of them. */
export const PAUSE_MS = 10

/** Ours first, then what a user would write instead; each in its own few statements, on the same server and pool. */
export function lockWays(cluster: Cluster, pool: pg.Pool): readonly LockWay[] {
  return [
    {
      name: 'Quiesce, withLock',
      whenHolderDies: 'free after its lease; token for the work',
      hold: (work) => cluster.withLock('bench', work, { retries: 100_000 }),
    },
    {
      name: 'Quiesce, withTransactionLock',
      whenHolderDies: 'free at once',
      hold: (work) => cluster.withTransactionLock('bench', work, { wait: 60_000 }),
    },
    {
      name: 'advisory lock of a session',
      whenHolderDies: 'free at once; stranded behind a pooler',
      hold: (work) => bySession(pool, work),
    },
    {
      name: 'advisory lock of a transaction',
      whenHolderDies: 'free at once',
      hold: (work) => byTransaction(pool, work),
    },
    {
      name: 'a row with lock_until',
      whenHolderDies: 'free after its time; no renewal, no token',
      hold: (work) => byRow(pool, work),
    },
  ]
}

/** The tables of those that need one. */
export const peerTables =
  'CREATE TABLE shed (name text PRIMARY KEY, lock_until timestamptz NOT NULL, locked_by text NOT NULL)'

async function bySession(pool: pg.Pool, work: () => Promise<void>): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [4711])
    await work()
    await client.query('SELECT pg_advisory_unlock($1)', [4711])
  } finally {
    client.release()
  }
}

async function byTransaction(pool: pg.Pool, work: () => Promise<void>): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock($1)', [4712])
    await work()
    await client.query('COMMIT')
  } finally {
    client.release()
  }
}

/** One row per lock, taken when its time is over: what ShedLock and many job tables do. */
async function byRow(pool: pg.Pool, work: () => Promise<void>): Promise<void> {
  const me = randomUUID()
  const take = `INSERT INTO shed VALUES ('bench', now() + interval '15 s', $1) ON CONFLICT (name)
    DO UPDATE SET lock_until = excluded.lock_until, locked_by = $1 WHERE shed.lock_until <= now()`
  while ((await pool.query(take, [me])).rowCount === 0) await delay(PAUSE_MS * (0.9 + 0.2 * Math.random()))
  await work()
  await pool.query(`UPDATE shed SET lock_until = now() WHERE name = 'bench' AND locked_by = $1`, [me])
}
