// Taking and giving back a named lock, alone and among sixteen, against what a user would pick instead.
import { createCluster } from '@quiesce/core'
import { startPostgres } from '@quiesce/test-servers'
import pg from 'pg'
import { alternate, repeat } from '../support/alternate.ts'
import { rounded, type Section, writeReport } from '../support/report.ts'
import { quantile } from '../support/statistics.ts'
import { type LockWay, lockWays, PAUSE_MS, peerTables } from './peers.ts'
import { startQueueWays } from './queue-ways.ts'
import { startRedisWay } from './redis-way.ts'

await using server = await startPostgres()
const url = await server.createDatabase()
const pool = new pg.Pool({ connectionString: url, max: 20 })
pool.on('error', () => {})
await pool.query(peerTables)
const cluster = createCluster({
  database: url,
  poolSize: 20,
  lock: { retryIntervalMs: PAUSE_MS, maxRetryIntervalMs: PAUSE_MS },
})
await cluster.migrate()
await cluster.start()
const queues = await startQueueWays(url, pool)
const redis = await startRedisWay()
const ways = [...lockWays(cluster, pool), ...queues.ways, ...(redis === undefined ? [] : [redis.way])]
const nothing = async (): Promise<void> => {}

async function alone(): Promise<Section> {
  const costs = await alternate(
    [...ways, { ...(ways[0] as LockWay), name: 'Quiesce, withLock (A/A)' }].map(({ name, hold }) =>
      repeat(name, () => hold(nothing)),
    ),
    { rounds: 61, operations: 10 },
  )
  return {
    title: 'Uncontended: take, do nothing, give back',
    note: 'Median of 61 alternated rounds of 10.',
    columns: ['way', 'wall clock, ms', 'processor time of the client, µs', 'when its holder dies'],
    rows: costs.map(({ name, wallUs, cpuUs }, index) => [
      name,
      rounded(wallUs / 1000, 2),
      rounded(cpuUs, 0),
      ways[index]?.whenHolderDies ?? '',
    ]),
  }
}

const CONTENDERS = 16
const TURNS = 10

/** Everybody wants the lock all the time; an unprotected counter tells whether two ever had it. */
async function contended({ name, hold }: LockWay): Promise<readonly string[]> {
  const waits: number[] = []
  let inside = 0
  let together = 0
  const contend = async (): Promise<void> => {
    for (let turn = 0; turn < TURNS; turn++) {
      const asked = performance.now()
      await hold(async () => {
        waits.push(performance.now() - asked)
        inside++
        if (inside > 1) together++
        await new Promise((resolve) => setImmediate(resolve))
        inside--
      })
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: CONTENDERS }, contend))
  const seconds = (performance.now() - started) / 1000
  return [
    name,
    rounded((CONTENDERS * TURNS) / seconds, 0),
    rounded(quantile(waits, 0.5), 0),
    rounded(quantile(waits, 0.99), 0),
    String(together),
  ]
}

async function among(): Promise<Section> {
  const rows: (readonly string[])[] = []
  for (let round = 0; round < 3; round++) for (const way of ways) rows.push(await contended(way))
  return {
    title: `${CONTENDERS} contenders for one lock`,
    note: `${TURNS} turns each, three rounds. graphile-worker queues its jobs and wakes its workers. Advisory locks and the transaction lock queue inside the server and keep a connection each while they wait; the others try again every ${PAUSE_MS} ms and keep none.`,
    columns: ['way', 'turns a second', 'wait p50, ms', 'wait p99, ms', 'held by two'],
    rows: rows.toSorted(([a = ''], [b = '']) => a.localeCompare(b)),
  }
}

const sections = [await alone(), await among()]
await redis?.stop()
await queues.stop()
await cluster.close()
await pool.end()
await writeReport('locks', 'Named locks on PostgreSQL', [`PostgreSQL ${server.version}`], sections)
