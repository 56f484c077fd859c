import { createCluster } from '@quiesce/core'
import { startPostgres } from '@quiesce/test-servers'
import pg from 'pg'
import { expect, test } from 'vitest'
import { fastOptions } from '../support/database.ts'

/** Stops the process that would write asynchronous commits a moment later, so that only a synchronous commit is safe. */
async function pausedWalWriter(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query(`SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'`)
  await client.end()
  process.kill(rows[0]?.pid, 'SIGSTOP')
  return rows[0]?.pid
}

test('a freeze that was answered survives a crash of a server that commits asynchronously (catches a missing synchronous_commit)', async () => {
  const lossy = { synchronous_commit: 'off', wal_writer_delay: '10s', wal_writer_flush_after: '0' }
  await using server = await startPostgres({ settings: lossy })
  for (let round = 0; round < 3; round += 1) {
    const url = await server.createDatabase()
    const cluster = createCluster({ database: url, ...fastOptions, listen: false })
    await cluster.migrate()
    await cluster.start()
    const walWriter = await pausedWalWriter(url)
    const freeze = await cluster.freeze({ reason: 'x', kind: 'operator' })
    server.kill()
    process.kill(walWriter, 'SIGKILL')
    await server.restart()
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const { rows } = await client.query('SELECT id, phase FROM quiesce.quiesce_freeze WHERE ended_at IS NULL')
    expect(rows).toEqual([{ id: freeze.id, phase: 'read-only' }])
    await client.end()
    await cluster.close()
  }
})
