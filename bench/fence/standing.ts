import type { Cluster } from '@quiesce/core'
import type pg from 'pg'
import { type AlternateOptions, alternate, repeat, type Variant } from '../support/alternate.ts'
import { rounded, type Section } from '../support/report.ts'
import { quantile } from '../support/statistics.ts'

/** What the standing fence costs: each write in read-write mode, and a freeze over the tables that are there. */
export async function measureStanding(
  cluster: Cluster,
  client: pg.Client,
  options: AlternateOptions,
): Promise<readonly Section[]> {
  for (const name of ['bare', 'bare_again', 'fenced']) {
    await client.query(`CREATE TABLE ${name} (id int PRIMARY KEY, v int)`)
    await client.query(`INSERT INTO ${name} SELECT n, 0 FROM generate_series(1, 1000) n`)
  }
  await client.query('SET synchronous_commit = off')
  const exclude = ['bare', 'bare_again']
  const installing = performance.now()
  const { tables } = await cluster.installFence({ tables: { exclude } })
  const installedMs = performance.now() - installing

  let id = 0
  const update = (table: string) => () =>
    client.query(`UPDATE ${table} SET v = v + 1 WHERE id = $1`, [(id++ % 1000) + 1])
  const inRepeatableRead = (table: string) => async () => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    await update(table)()
    await client.query('COMMIT')
  }
  const many = (table: string) => () => client.query(`UPDATE ${table} SET v = v + 1`)
  const compared = async (make: (table: string) => () => Promise<unknown>, operations: number) => {
    const variants: readonly Variant[] = ['bare', 'bare_again', 'fenced'].map((table) => repeat(table, make(table)))
    const [bare, again, fenced] = await alternate(variants, { ...options, operations })
    const base = bare?.wallUs ?? Number.NaN
    const [noise = Number.NaN, cost = Number.NaN] = [again?.wallUs, fenced?.wallUs]
    return [rounded(base, 0), rounded(cost, 0), rounded(noise / base), rounded(cost / base)]
  }
  const rows = [
    ['UPDATE of one row, READ COMMITTED', ...(await compared(update, options.operations))],
    ['a transaction with it, REPEATABLE READ', ...(await compared(inRepeatableRead, options.operations))],
    ['UPDATE of 1,000 rows', ...(await compared(many, 5))],
  ]

  const [frozen, thawed]: [number[], number[]] = [[], []]
  for (let round = 0; round < options.rounds; round++) {
    const asked = performance.now()
    const freeze = await cluster.freeze({ reason: 'bench', fence: 'required', tables: { exclude } })
    frozen.push(performance.now() - asked)
    const thawing = performance.now()
    await freeze.thaw()
    thawed.push(performance.now() - thawing)
  }
  await cluster.removeFence()
  const times = [quantile(frozen, 0.5), quantile(frozen, 0.99), quantile(thawed, 0.5), quantile(thawed, 0.99)]
  return [
    {
      title: 'What the standing fence adds to a write in read-write mode',
      note: 'Wall clock of a write through pg, synchronous_commit off, median of the rounds, on tables that differ in the triggers alone. The fence on freeze adds nothing here.',
      columns: ['write', 'without, µs', 'with, µs', 'ratio A/A', 'ratio'],
      rows,
    },
    {
      title: 'Freezing and thawing with the standing fence',
      note: `One node, nobody in the way. Installing it took ${rounded(installedMs, 0)} ms.`,
      columns: ['tables', 'freeze p50, ms', 'p99, ms', 'thaw p50, ms', 'p99, ms'],
      rows: [[tables, ...times.map((time) => rounded(time, 0))]],
    },
  ]
}
