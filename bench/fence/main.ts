// What the fence costs on PostgreSQL: raising and lowering it over many tables, and a write that passes it.
import { createCluster, type Freeze } from '@quiesce/core'
import { startPostgres } from '@quiesce/test-servers'
import pg from 'pg'
import { alternate, repeat } from '../support/alternate.ts'
import { rounded, type Section, writeReport } from '../support/report.ts'
import { quantile } from '../support/statistics.ts'

const rounds = Number(process.env['QUIESCE_BENCH_ROUNDS'] ?? 15)
const WRITES = 200

await using server = await startPostgres()
const url = await server.createDatabase()
const client = new pg.Client({ connectionString: url })
await client.connect()
await using cluster = createCluster({ database: url, exempt: { card: ['seen'] } })
await cluster.migrate()
await client.query('CREATE TABLE card (id int PRIMARY KEY, name text, seen int)')
await client.query(`INSERT INTO card SELECT n, 'card ' || n, 0 FROM generate_series(1, 1000) n`)

interface Latencies {
  readonly tables: number
  readonly fenced: number[]
  readonly unfenced: number[]
  readonly thawed: number[]
}

/** Freezes with and without a fence in turn; the difference is the fence. */
async function measure(tables: number): Promise<Latencies> {
  const latencies: Latencies = { tables, fenced: [], unfenced: [], thawed: [] }
  // Thousands of tables take seconds.
  const repeated = tables > 1000 ? Math.min(5, rounds) : rounds
  for (let round = 0; round < repeated; round++) {
    for (const fence of ['required', 'off'] as const) {
      const asked = performance.now()
      const freeze: Freeze = await cluster.freeze({ reason: 'bench', fence })
      const frozen = performance.now() - asked
      const thawing = performance.now()
      await freeze.thaw()
      if (fence === 'off') latencies.unfenced.push(frozen)
      else {
        latencies.fenced.push(frozen)
        latencies.thawed.push(performance.now() - thawing)
      }
    }
  }
  return latencies
}

const many: Latencies[] = []
let made = 1
for (const tables of [1, 10, 100, 1000, 5000]) {
  for (; made < tables; made++) await client.query(`CREATE TABLE t${made} (id int PRIMARY KEY, a int, b text)`)
  many.push(await measure(tables))
}

let id = 0
const write = (sql: string) => () => client.query(sql, [(id++ % 1000) + 1])
const writes = async (token: string | undefined) => {
  const shown = async (): Promise<void> => {
    await client.query('BEGIN')
    if (token !== undefined) await client.query(`SELECT set_config('quiesce.token', $1, true)`, [token])
    else await client.query(`SELECT set_config('quiesce.none', $1, true)`, ['x'])
    await write(`UPDATE card SET name = 'x' WHERE id = $1`)()
    await client.query('COMMIT')
  }
  return alternate(
    [
      repeat('UPDATE of an exempt column', write('UPDATE card SET seen = 1 WHERE id = $1')),
      repeat('a transaction with one setting and one UPDATE', shown),
    ],
    { rounds, operations: WRITES },
  )
}
await client.query('SET synchronous_commit = off')
const open = await writes(undefined)
const freeze = await cluster.freeze({ reason: 'bench', fence: 'required' })
const fenced = await writes(freeze.token)
await freeze.thaw()
const openAgain = await writes(undefined)
await client.end()

const sections: readonly Section[] = [
  {
    title: 'Freezing and thawing with a fence, one node, nobody in the way',
    note: `Wall clock of freeze() and thaw(), ${rounds} each, in turn with freezes without a fence. Raising includes two looks at the catalog.`,
    columns: ['tables', 'freeze with a fence p50, ms', 'p99, ms', 'freeze without p50, ms', 'thaw p50, ms', 'p99, ms'],
    rows: many.map(({ tables, fenced: with_, unfenced, thawed }) => [
      tables,
      rounded(quantile(with_, 0.5), 0),
      rounded(quantile(with_, 0.99), 0),
      rounded(quantile(unfenced, 0.5), 0),
      rounded(quantile(thawed, 0.5), 0),
      rounded(quantile(thawed, 0.99), 0),
    ]),
  },
  {
    title: 'A write that passes',
    note: 'Wall clock of a write through pg, synchronous_commit off, median of the rounds: before the freeze, under the fence, and after it. The second one shows the holder’s token under the fence, and another setting without.',
    columns: ['write', 'before, µs', 'fenced, µs', 'after, µs', 'ratio to the mean of before and after'],
    rows: open.map(({ name, wallUs }, n) => {
      const [under = Number.NaN, after = Number.NaN] = [fenced[n]?.wallUs, openAgain[n]?.wallUs]
      const ratio = under / ((wallUs + after) / 2)
      return [name, rounded(wallUs, 0), rounded(under, 0), rounded(after, 0), rounded(ratio)]
    }),
  },
]
await writeReport('fence', 'What the fence costs on PostgreSQL', [`PostgreSQL ${server.version}`], sections)
