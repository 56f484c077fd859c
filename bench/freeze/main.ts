// How long a freeze of three nodes takes, by notification and by polling, against a flag and a sleep.
import { setTimeout as delay } from 'node:timers/promises'
import { type Cluster, createCluster } from '@quiesce/core'
import { startPostgres } from '@quiesce/test-servers'
import pg from 'pg'
import { rounded, type Section, writeReport } from '../support/report.ts'
import { quantile } from '../support/statistics.ts'

const NODES = 3
const POLL_MS = 2000
const TABLES = 10
const rounds = Number(process.env['QUIESCE_BENCH_ROUNDS'] ?? 15)

// Nothing of a cluster keeps a process alive.
const keepAlive = setInterval(() => {}, 1000)
await using server = await startPostgres()
const url = await server.createDatabase()

interface Latencies {
  readonly frozen: number[]
  readonly thawed: number[]
}

/** Freezes and thaws again and again; a thaw counts until the last node admits writes. */
async function measure(listen: boolean, fence: 'auto' | 'off'): Promise<Latencies> {
  const nodes = Array.from({ length: NODES }, () => createCluster({ database: url, pollIntervalMs: POLL_MS, listen }))
  await nodes[0]?.migrate()
  await Promise.all(nodes.map((node) => node.start()))
  const latencies: Latencies = { frozen: [], thawed: [] }
  for (let round = 0; round < rounds; round++) {
    // Somewhere between two polls, as an operator's command would come.
    await delay(POLL_MS * 0.1 * Math.random())
    const asked = performance.now()
    const freeze = await (nodes[round % NODES] as Cluster).freeze({ reason: 'bench', fence })
    latencies.frozen.push(performance.now() - asked)
    const writable = Promise.all(nodes.map(whenWritable))
    const thawing = performance.now()
    await freeze.thaw()
    await writable
    latencies.thawed.push(performance.now() - thawing)
  }
  await Promise.all(nodes.map((node) => node.close()))
  return latencies
}

function whenWritable(node: Cluster): Promise<void> {
  return new Promise((resolve) => {
    const off = node.on('mode', ({ mode }) => {
      if (mode !== 'read-write') return
      off()
      resolve()
    })
  })
}

/** What applications write themselves: a flag that every instance polls, and a pause in which all should have seen it. */
async function flag(): Promise<number[]> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  await pool.query('CREATE TABLE setting (name text PRIMARY KEY, value text NOT NULL)')
  const frozen: number[] = []
  for (let round = 0; round < 3; round++) {
    const asked = performance.now()
    await pool.query(`INSERT INTO setting VALUES ('read_only', $1) ON CONFLICT (name) DO UPDATE SET value = $1`, [
      String(round),
    ])
    await delay(1.5 * POLL_MS)
    frozen.push(performance.now() - asked)
  }
  await pool.end()
  return frozen
}

const row = (name: string, frozen: readonly number[], thawed: readonly number[], knows: string): string[] => [
  name,
  rounded(quantile(frozen, 0.5), 0),
  rounded(quantile(frozen, 0.99), 0),
  thawed.length === 0 ? '–' : rounded(quantile(thawed, 0.5), 0),
  knows,
]
const tables = new pg.Client({ connectionString: url })
await tables.connect()
for (let n = 0; n < TABLES; n++) await tables.query(`CREATE TABLE t${n} (id int)`)
await tables.end()
const byHint = await measure(true, 'off')
const byPoll = await measure(false, 'off')
const fenced = await measure(true, 'auto')
const section: Section = {
  title: `${NODES} nodes, pollIntervalMs ${POLL_MS}`,
  note: `Wall clock from the call of freeze() until it resolves, ${rounds} freezes each; and from the call of thaw() until the last node admits writes. A node that sees a freeze by polling looks every 250 ms until it is over.`,
  columns: ['way', 'freeze p50, ms', 'p99, ms', 'thaw p50, ms', 'what it knows then'],
  rows: [
    row('Quiesce, LISTEN', byHint.frozen, byHint.thawed, 'every node has acked and drained'),
    row('Quiesce, polling only', byPoll.frozen, byPoll.thawed, 'every node has acked and drained'),
    row(
      `Quiesce, LISTEN, and a fence on ${TABLES} tables`,
      fenced.frozen,
      fenced.thawed,
      'the database itself refuses',
    ),
    row('a flag and a sleep of 1.5 polls', await flag(), [], 'nothing: no node has answered, no write was waited for'),
  ],
}
await writeReport('freeze', 'The latency of a freeze', [`PostgreSQL ${server.version}`], [section])
clearInterval(keepAlive)
