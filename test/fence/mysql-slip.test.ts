import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Cluster, Freeze } from '@quiesce/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeOn, fastOptions, type TestDatabase, testDatabase } from '../support/database.ts'
import { isLong } from '../support/long.ts'
import { exempt, mariadbSetup, type Slip, setup, slips, type Verdict } from './mysql-statements.ts'

const page = new URL('../../docs/fence-mysql.md', import.meta.url)
const table = /(<!-- truth table -->\n)[\s\S]*?(<!-- end -->)/

/** What the server has written for LOAD DATA to read. */
function removeFiles(): void {
  for (const n of [1, 2, 3]) rmSync(`/tmp/quiesce-slip-${process.pid}-${n}`, { force: true })
}

/** What the triggers of a fence say, and MySQL of a READ ONLY schema. */
const refusals = /^quiesce fence:|^Schema '\w+' is in read only mode\.$/

/** What `doctor` tells of a backend. */
async function toldBy(cluster: Cluster, backend: string): Promise<Readonly<Record<string, string>>> {
  const option = (await cluster.fenceOptions()).find((one) => one.backend === backend)
  return Object.fromEntries((option?.statements ?? []).map(({ statement, verdict }) => [statement, verdict]))
}

/** One node that looks for new tables after the last statement, so that what slips in between can be seen. */
const slow = { ...fastOptions, pollIntervalMs: 20_000, nodeLeaseMs: 90_000, freezeLeaseMs: 120_000 }

describeOn('mysql', 'mariadb')('the fence on %s', (kind) => {
  let db: TestDatabase
  let home: TestDatabase | undefined

  const prepared = async (): Promise<TestDatabase> => {
    const made = await testDatabase('slip', kind)
    for (const sql of [...setup, ...(kind === 'mariadb' ? mariadbSetup : [])]) await made.query(sql)
    return made
  }
  beforeAll(async () => {
    db = await prepared()
    home = kind === 'mysql' ? await testDatabase('home', kind) : undefined
  })
  afterAll(async () => {
    await db.drop()
    await home?.drop()
    removeFiles()
  })

  const verdictOf = async ({ sql }: Slip, { token }: Freeze, on: TestDatabase = db): Promise<Verdict | string> => {
    const connection = await on.connect()
    try {
      for (const [n, statement] of sql.entries()) {
        const isLast = n === sql.length - 1
        const run = connection.query(statement.replaceAll('{token}', `'${token}'`))
        const failure = await run.then(
          () => undefined,
          (error: Error) => error.message,
        )
        if (failure !== undefined) return refusals.test(failure) ? 'refused' : failure
        if (isLast) return 'passes'
      }
      return 'nothing to judge'
    } finally {
      await connection.query('UNLOCK TABLES').catch(() => {})
      await connection.end()
    }
  }

  test.runIf(kind === 'mysql')(
    'of READ ONLY schemas judges as many (catches a statement that the switch does not see)',
    async () => {
      const cluster = db.cluster({ ...slow, schema: new URL(home?.url ?? '').pathname.slice(1) })
      const freeze = await cluster.freeze({ reason: 'the truth', fence: 'required', fenceBackend: 'schema' })
      expect(freeze).toMatchObject({ guarantee: 'fenced', token: undefined, fence: { backend: 'schema' } })
      const verdicts: Record<string, string> = {}
      const asked = slips.filter(({ only }) => only !== 'mariadb')
      for (const slip of asked) verdicts[slip.what] = await verdictOf(slip, freeze)
      expect(verdicts).toEqual(
        Object.fromEntries(asked.map(({ what, schema }) => [what, schema?.verdict ?? 'refused'])),
      )
      expect(await toldBy(cluster, 'schema')).toEqual(verdicts)
      await freeze.thaw()
      removeFiles()
      await db.query('UPDATE t SET v = v')
    },
  )

  const relevant = slips.filter(({ only }) => only === undefined || only === kind)

  // Where time is short the standing fence is judged on one product; on MySQL its own tests run.
  test.each(isLong || kind === 'mariadb' ? ['on-freeze', 'standing'] : ['on-freeze'])(
    `by %s judges ${relevant.length} ways to write (catches a fence that one of them slips past, and one that refuses too much)`,
    async (backend) => {
      const own = backend === 'standing' ? await prepared() : undefined
      const on = own ?? db
      const cluster = on.cluster(slow)
      await cluster.start()
      if (backend === 'standing') await cluster.installFence({ exempt })
      const freeze = await cluster.freeze({ reason: 'the truth', fence: 'required', exempt })
      const verdicts: Record<string, string> = {}
      for (const slip of relevant) verdicts[slip.what] = await verdictOf(slip, freeze, on)
      expect(verdicts).toEqual(Object.fromEntries(relevant.map(({ what, verdict }) => [what, verdict])))
      expect(await toldBy(cluster, backend)).toEqual(verdicts)
      expect(freeze).toMatchObject({ guarantee: 'fenced', fence: { backend } })
      const gaps = freeze.fence.gaps.filter(({ subject }) => subject !== undefined)
      const names = gaps.map(({ kind: of, subject }) => `${of} ${String(subject).split('.').at(-1)}`)
      expect([...names].sort()).toEqual([
        'cascade desk',
        'cascade staff',
        ...(kind === 'mariadb' ? ['sequence counter'] : []),
      ])
      await freeze.thaw()
      removeFiles()
      await own?.drop()
    },
  )
})

test('the documented truth table is the one that was judged', () => {
  const passes = (because: string | undefined): string => `**passes**${because === undefined ? '' : ` (${because})`}`
  const lines = slips.map(({ what, verdict, only, because, schema }) => {
    const word = verdict === 'refused' ? 'refused' : passes(because)
    const ofSchema = schema === undefined ? 'refused' : passes(schema.because)
    const cells = [only === 'mariadb' ? '' : word, only === 'mysql' ? '' : word, only === 'mariadb' ? '' : ofSchema]
    return `| ${[what, ...cells].join(' | ')} |`
  })
  const heads = ['| | MySQL, triggers | MariaDB, triggers | MySQL, schema |', '|---|---|---|---|']
  const truth = [...heads, ...lines, ''].join('\n')
  const text = readFileSync(page, 'utf8')
  const written = text.replace(table, (_, start: string, end: string) => `${start}${truth}${end}`)
  if (process.env['QUIESCE_WRITE_DOCS'] !== undefined) writeFileSync(page, written)
  else expect(text).toBe(written)
})
