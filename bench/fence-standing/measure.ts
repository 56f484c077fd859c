import { createCluster } from '@quiesce/core'
import { rounded, type Section } from '../support/report.ts'
import { median } from '../support/statistics.ts'
import { type BenchServer, ROWS, TABLES } from './bench-server.ts'

const rounds = Number(process.env['QUIESCE_BENCH_ROUNDS'] ?? 15)
const WRITES = 300
const MANY = 100

type Write = (table: string) => Promise<unknown>
type Cells = readonly (string | number)[]

/** What both fences add to writes on one server. */
export async function measureServer(server: BenchServer): Promise<Section> {
  await using cluster = createCluster({ database: server.url })
  await cluster.migrate()
  const tables = { exclude: TABLES.filter((name) => name !== 'fenced') }
  let id = 0
  const update: Write = (table) => server.run(`UPDATE ${table} SET v = v + 1 WHERE id = ${(id++ % ROWS) + 1}`)
  const inTransaction =
    (level: string, token?: string): Write =>
    async (table) => {
      await server.begin(level)
      if (token !== undefined) await server.showToken(token)
      await update(table)
      await server.run('COMMIT')
    }
  const many: Write = (table) => server.run(`UPDATE ${table} SET v = v + 1 WHERE id <= ${MANY}`)
  const asHolder = async (): Promise<Cells> => {
    const freeze = await cluster.freeze({ reason: 'bench', fence: 'required', tables })
    const costs = await measure(server, inTransaction('READ COMMITTED', freeze.token))
    await freeze.thaw()
    return [`the holder’s transaction while frozen, fence ${freeze.fence.backend}`, ...costs]
  }
  const rows: Cells[] = [await asHolder()]
  await cluster.installFence({ tables })
  rows.push(
    ['UPDATE of one row, standing', ...(await measure(server, update))],
    ['a transaction with it, READ COMMITTED, standing', ...(await measure(server, inTransaction('READ COMMITTED')))],
    ['a transaction with it, REPEATABLE READ, standing', ...(await measure(server, inTransaction('REPEATABLE READ')))],
    [`UPDATE of ${MANY} rows, standing`, ...(await measure(server, many, WRITES / 10))],
    await asHolder(),
  )
  return {
    title: `What a fence adds to a write on ${server.product}`,
    note: 'Processor time of the server’s process or thread for the connection, one connection, no commit waits for the disk, medians of the rounds; the tables differ in the triggers alone. In read-write mode the fence on freeze is not there.',
    columns: ['write', 'without, µs', 'with, µs', 'ratio A/A', 'ratio'],
    rows,
  }
}

/** Writes to each table in turn, in short rounds; microseconds of the server for each write, and ratios to the first. */
async function measure(server: BenchServer, write: Write, operations = WRITES): Promise<Cells> {
  const costs = TABLES.map((): number[] => [])
  for (let round = -1; round < rounds; round++) {
    for (let place = 0; place < TABLES.length; place++) {
      const at = (place + round + 1) % TABLES.length
      const before = server.serverNs()
      for (let n = 0; n < operations; n++) await write(TABLES[at] as string)
      if (round >= 0) costs[at]?.push((server.serverNs() - before) / 1000 / operations)
    }
  }
  const [bare = [], again = [], fenced = []] = costs
  const ratio = (of: readonly number[]): number => median(of.map((cost, round) => cost / (bare[round] ?? Number.NaN)))
  return [rounded(median(bare), 1), rounded(median(fenced), 1), rounded(ratio(again)), rounded(ratio(fenced))]
}
