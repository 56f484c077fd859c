// What the statement analysis costs, on statements of the size that ORMs send, against parsers of the whole grammar.
import { loadModule, parseSync } from 'libpg-query'
import nodeSqlParser from 'node-sql-parser'
import { parse } from 'pgsql-ast-parser'
import { createAnalyzer } from '../../packages/core/src/sql/analyzer.ts'
import { transactionControl } from '../../packages/core/src/sql/transaction-control.ts'
import { alternate, type Variant } from '../support/alternate.ts'
import { rounded, type Section, writeReport } from '../support/report.ts'
import { type Sample, samples } from './statements.ts'

await loadModule()
const parser = new nodeSqlParser.Parser()
let sink = 0

function variant(name: string, judge: () => number): Variant {
  return {
    name,
    async run(operations) {
      for (let done = 0; done < operations; done++) sink += judge()
    },
  }
}

/** Anything that a parser answers counts; what it cannot parse is told apart by the caller. */
function variants({ grammar, sql }: Sample): readonly Variant[] {
  const analyze = createAnalyzer(grammar)
  let serial = 0
  // A new text each time: no cache may answer, and neither may the hash that V8 keeps with a string.
  const fresh = (): string => `${sql} -- ${serial++}`
  const dialect = grammar === 'postgres' ? 'postgresql' : 'mysql'
  const own = [
    variant('Quiesce', () => analyze(fresh()).kind.length),
    variant('A/A', () => analyze(fresh()).kind.length),
    variant('node-sql-parser', () => Object.keys(parser.astify(fresh(), { database: dialect })).length),
  ]
  if (grammar === 'mysql') return own
  return [
    ...own,
    variant('pgsql-ast-parser', () => parse(fresh()).length),
    variant('libpg-query', () => Object.keys(parseSync(fresh())).length),
  ]
}

function answers(judged: Variant): Promise<boolean> {
  return judged.run(1).then(
    () => true,
    () => false,
  )
}

async function firstSeen(): Promise<Section> {
  const rows: string[][] = []
  for (const sample of samples) {
    const all = variants(sample)
    const able: Variant[] = []
    for (const one of all) if (await answers(one)) able.push(one)
    const costs = await alternate(able, { rounds: 21, operations: 40 })
    const us = (name: string): string => {
      const cost = costs.find((found) => found.name === name)
      return cost === undefined ? '–' : rounded(cost.cpuUs, 1)
    }
    rows.push([
      `${sample.name} (${sample.sql.length} characters)`,
      ...['Quiesce', 'A/A', 'pgsql-ast-parser', 'node-sql-parser', 'libpg-query'].map(us),
    ])
  }
  return {
    title: 'A statement seen for the first time, µs',
    note: 'Processor time per statement, median of 21 alternated rounds of 40; every text is new. The others give a whole syntax tree, which Quiesce does not: it tells what a statement writes. – means that it has no such grammar or cannot parse the statement. Target: 10 µs.',
    columns: ['statement', 'Quiesce', 'Quiesce, A/A', 'pgsql-ast-parser', 'node-sql-parser', 'libpg-query (WASM)'],
    rows,
  }
}

async function alone(): Promise<Section> {
  const rows: string[][] = []
  for (const sample of samples) {
    const own = variants(sample).slice(0, 2)
    const costs = await alternate(own, { rounds: 41, operations: 500 })
    rows.push([sample.name, ...costs.map(({ cpuUs }) => rounded(cpuUs, 1))])
  }
  return {
    title: 'The same without other parsers between, µs',
    note: 'Median of 41 alternated rounds of 500. In the table above each round finds the processor’s caches full of another parser.',
    columns: ['statement', 'Quiesce', 'Quiesce, A/A'],
    rows,
  }
}

async function again(): Promise<Section> {
  const rows: string[][] = []
  for (const { name, grammar, sql } of samples) {
    const analyze = createAnalyzer(grammar)
    const costs = await alternate(
      [variant('cached', () => analyze(sql).kind.length), variant('look', () => (transactionControl(sql) ? 1 : 0))],
      { rounds: 21, operations: 50_000 },
    )
    rows.push([name, ...costs.map(({ cpuUs }) => rounded(cpuUs * 1000, 1))])
  }
  return {
    title: 'A statement seen before, ns',
    note: 'Answered from the cache; and the look at the first word that is all that read-write mode takes. Target: 50 ns.',
    columns: ['statement', 'cached', 'the look in read-write mode'],
    rows,
  }
}

async function bulk(): Promise<Section> {
  const text = `INSERT INTO card (id, name) VALUES ${"(1, 'it''s'),".repeat(99_999)}(1, 'x')`
  const analyze = createAnalyzer('postgres')
  const costs = await alternate([variant('bulk', () => analyze(text).kind.length)], { rounds: 9, operations: 1 })
  return {
    title: 'A statement of 100,000 rows',
    note: 'One INSERT; texts of this size are not cached.',
    columns: ['size, MB', 'ms'],
    rows: [[rounded(text.length / 1e6, 1), rounded((costs[0]?.cpuUs ?? Number.NaN) / 1000, 0)]],
  }
}

await writeReport('sql', 'The statement analysis', [], [await firstSeen(), await alone(), await again(), await bulk()])
if (sink < 0) throw new Error('Nothing was analysed.')
