import { type Cluster, createCluster } from '@quiesce/core'
import { type SqlServer, startPostgres } from '@quiesce/test-servers'
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

const lossy = { synchronous_commit: 'off', wal_writer_delay: '10s', wal_writer_flush_after: '0' }

async function crash(server: SqlServer, walWriter: number): Promise<void> {
  server.kill()
  process.kill(walWriter, 'SIGKILL')
  await server.restart()
}

async function rowsOf(connectionString: string, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  const { rows } = await client.query(sql)
  await client.end()
  return rows
}

test('nodes that have joined, and freezes that were answered, survive a crash of a server that commits asynchronously (catches a missing synchronous_commit)', async () => {
  await using server = await startPostgres({ settings: lossy })
  const made = async (): Promise<{ readonly url: string; readonly cluster: Cluster }> => {
    const url = await server.createDatabase()
    const cluster = createCluster({ database: url, ...fastOptions, listen: false })
    await cluster.migrate()
    return { url, cluster }
  }
  const joined = await made()
  const paused = await pausedWalWriter(joined.url)
  await joined.cluster.start()
  const { nodeId } = joined.cluster.state
  await crash(server, paused)
  expect(await rowsOf(joined.url, 'SELECT id FROM quiesce.quiesce_node')).toContainEqual({ id: nodeId })
  await joined.cluster.close()
  for (let round = 0; round < 3; round += 1) {
    const { url, cluster } = await made()
    await cluster.start()
    const walWriter = await pausedWalWriter(url)
    const freeze = await cluster.freeze({ reason: 'x', kind: 'operator' })
    await crash(server, walWriter)
    const frozen = 'SELECT id, phase FROM quiesce.quiesce_freeze WHERE ended_at IS NULL'
    expect(await rowsOf(url, frozen)).toEqual([{ id: freeze.id, phase: 'read-only' }])
    await cluster.close()
  }
})
