import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Freeze } from '@quiesce/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'
import { exempt, mariadbSetup, type Slip, setup, slips, type Verdict } from './mysql-statements.ts'

const page = new URL('../../docs/fence-mysql.md', import.meta.url)
const table = /(<!-- truth table -->\n)[\s\S]*?(<!-- end -->)/

/** One node that looks for new tables after the last statement, so that what slips in between can be seen. */
const slow = { ...fastOptions, pollIntervalMs: 20_000, nodeLeaseMs: 90_000, freezeLeaseMs: 120_000 }

describe.each(databases.filter((kind) => kind !== 'postgres'))('the fence on %s', (kind) => {
  let db: TestDatabase
  let freeze: Freeze

  beforeAll(async () => {
    db = await testDatabase('slip', kind)
    for (const sql of [...setup, ...(kind === 'mariadb' ? mariadbSetup : [])]) await db.query(sql)
    const cluster = db.cluster(slow)
    await cluster.start()
    freeze = await cluster.freeze({ reason: 'the truth', fence: 'required', exempt })
  })
  afterAll(async () => {
    await freeze.thaw()
    await db.drop()
    for (const n of [1, 2, 3]) rmSync(`/tmp/quiesce-slip-${process.pid}-${n}`, { force: true })
  })

  const verdictOf = async ({ sql }: Slip): Promise<Verdict | string> => {
    const connection = await db.connect()
    try {
      for (const [n, statement] of sql.entries()) {
        const isLast = n === sql.length - 1
        const run = connection.query(statement.replaceAll('{token}', `'${freeze.token}'`))
        const failure = await run.then(
          () => undefined,
          (error: Error) => error.message,
        )
        if (!isLast && failure !== undefined) return failure
        if (isLast) return failure === undefined ? 'passes' : failure.startsWith('quiesce fence:') ? 'refused' : failure
      }
      return 'nothing to judge'
    } finally {
      await connection.query('UNLOCK TABLES').catch(() => {})
      await connection.end()
    }
  }

  const relevant = slips.filter(({ only }) => only === undefined || only === kind)

  test(`judges ${relevant.length} ways to write (catches a fence that one of them slips past, and one that refuses too much)`, async () => {
    const verdicts: Record<string, string> = {}
    for (const slip of relevant) verdicts[slip.what] = await verdictOf(slip)
    expect(verdicts).toEqual(Object.fromEntries(relevant.map(({ what, verdict }) => [what, verdict])))
    expect(freeze.guarantee).toBe('fenced')
    const gaps = freeze.fence.gaps.filter(({ subject }) => subject !== undefined)
    const names = gaps.map(({ kind: of, subject }) => `${of} ${String(subject).split('.').at(-1)}`)
    expect([...names].sort()).toEqual([
      'cascade desk',
      'cascade staff',
      ...(kind === 'mariadb' ? ['sequence counter'] : []),
    ])
  })
})

test('the documented truth table is the one that was judged', () => {
  const lines = slips.map(({ what, verdict, only, because }) => {
    const word = verdict === 'refused' ? 'refused' : `**passes**${because === undefined ? '' : ` (${because})`}`
    return `| ${what} | ${only === 'mariadb' ? '' : word} | ${only === 'mysql' ? '' : word} |`
  })
  const truth = ['| | MySQL | MariaDB |', '|---|---|---|', ...lines, ''].join('\n')
  const text = readFileSync(page, 'utf8')
  const written = text.replace(table, (_, start: string, end: string) => `${start}${truth}${end}`)
  if (process.env['QUIESCE_WRITE_DOCS'] !== undefined) writeFileSync(page, written)
  else expect(text).toBe(written)
})
