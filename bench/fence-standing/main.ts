// What both fences of PostgreSQL add to a write: in read-write mode, and to the holder's own while frozen.
import { readFileSync } from 'node:fs'
import { createCluster } from '@quiesce/core'
import { startPostgres } from '@quiesce/test-servers'
import pg from 'pg'
import { rounded, type Section, writeReport } from '../support/report.ts'
import { median } from '../support/statistics.ts'

const rounds = Number(process.env['QUIESCE_BENCH_ROUNDS'] ?? 15)
const WRITES = 300

await using server = await startPostgres()
const url = await server.createDatabase()
const client = new pg.Client({ connectionString: url })
await client.connect()
const [{ pid }] = (await client.query('SELECT pg_backend_pid() AS pid')).rows as [{ pid: number }]
await client.query('SET synchronous_commit = off')
for (const name of ['bare', 'bare_again', 'fenced']) {
  await client.query(`CREATE TABLE ${name} (id int PRIMARY KEY, v int)`)
  await client.query(`INSERT INTO ${name} SELECT n, 0 FROM generate_series(1, 1000) n`)
}
await using cluster = createCluster({ database: url })
await cluster.migrate()
const tables = { exclude: ['bare', 'bare_again'] }

type Write = (table: string) => Promise<unknown>

/** Nanoseconds that the server's process for this connection has run: nobody else on the machine is in it. */
const serverNs = (): number => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0])

/** Writes to each table in turn, in short rounds; microseconds of the server for each write, and ratios to the first. */
async function measure(write: Write, operations = WRITES): Promise<readonly (string | number)[]> {
  const names = ['bare', 'bare_again', 'fenced'] as const
  const costs = names.map((): number[] => [])
  for (let round = -1; round < rounds; round++) {
    for (let place = 0; place < names.length; place++) {
      const at = (place + round + 1) % names.length
      const before = serverNs()
      for (let n = 0; n < operations; n++) await write(names[at] as string)
      if (round >= 0) costs[at]?.push((serverNs() - before) / 1000 / operations)
    }
  }
  const [bare = [], again = [], fenced = []] = costs
  const ratio = (of: readonly number[]): number => median(of.map((cost, round) => cost / (bare[round] ?? Number.NaN)))
  return [rounded(median(bare), 1), rounded(median(fenced), 1), rounded(ratio(again)), rounded(ratio(fenced))]
}

let id = 0
const update: Write = (table) => client.query(`UPDATE ${table} SET v = v + 1 WHERE id = $1`, [(id++ % 1000) + 1])
const inTransaction =
  (level: string, token?: string): Write =>
  async (table) => {
    await client.query(`BEGIN ISOLATION LEVEL ${level}`)
    if (token !== undefined) await client.query(`SELECT set_config('quiesce.token', $1, true)`, [token])
    await update(table)
    await client.query('COMMIT')
  }
const hundred: Write = (table) => client.query(`UPDATE ${table} SET v = v + 1 WHERE id <= 100`)
const asHolder = async (): Promise<readonly (string | number)[]> => {
  const freeze = await cluster.freeze({ reason: 'bench', fence: 'required', tables })
  const costs = await measure(inTransaction('READ COMMITTED', freeze.token))
  await freeze.thaw()
  return [`the holder’s transaction while frozen, fence ${freeze.fence.backend}`, ...costs]
}

const rows: (readonly (string | number)[])[] = [await asHolder()]
await cluster.installFence({ tables })
rows.push(
  ['UPDATE of one row, standing', ...(await measure(update))],
  ['a transaction with it, READ COMMITTED, standing', ...(await measure(inTransaction('READ COMMITTED')))],
  ['a transaction with it, REPEATABLE READ, standing', ...(await measure(inTransaction('REPEATABLE READ')))],
  ['UPDATE of 100 rows, standing', ...(await measure(hundred, WRITES / 3))],
  await asHolder(),
)
await client.end()

const sections: readonly Section[] = [
  {
    title: 'What a fence adds to a write',
    note: 'Processor time of the server’s process for the connection, one connection, synchronous_commit off, medians of the rounds; the tables differ in the triggers alone. In read-write mode the fence on freeze is not there.',
    columns: ['write', 'without, µs', 'with, µs', 'ratio A/A', 'ratio'],
    rows,
  },
]
await writeReport(
  'fence-standing',
  'What the fences of PostgreSQL add to a write',
  [`PostgreSQL ${server.version}`],
  sections,
)
