import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Cluster } from '@quiesce/core'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, type TestDatabase, testDatabase } from '../support/database.ts'
import { quietPool } from '../support/quiet-pool.ts'

const home = fileURLToPath(new URL('./generated/', import.meta.url))
const snippetsOf = (document: string): ReadonlyArray<readonly [string, string]> =>
  [
    ...readFileSync(new URL(`../../docs/${document}`, import.meta.url), 'utf8').matchAll(
      /<!-- file: (\S+) -->\n```ts\n([\s\S]*?)```/g,
    ),
  ].map(([, file = '', text = '']) => [file, text])

describe.skipIf(!databases.includes('postgres'))('the documents on runs', () => {
  let db: TestDatabase
  let cluster: Cluster
  let pool: pg.Pool
  beforeAll(async () => {
    db = await testDatabase('runs-docs')
    cluster = db.cluster()
    pool = quietPool({ connectionString: db.url })
    await db.query('CREATE TABLE customer (id int)')
    for (const name of ['price', 'price_copy'])
      await db.query(`CREATE TABLE ${name} AS SELECT 1 AS id, 2.5::numeric AS price`)
    await db.query('CREATE TABLE price_cents (id int, cents numeric)')
    Reflect.set(globalThis, 'runsOfDocs', { cluster, pool })
    rmSync(home, { recursive: true, force: true })
    mkdirSync(home)
    writeFileSync(`${home}/quiesce.ts`, 'export const { cluster, pool } = globalThis.runsOfDocs\n')
    for (const [file, text] of [...snippetsOf('runs.md'), ...snippetsOf('recovery.md')])
      writeFileSync(`${home}/${file}`, text)
  })
  afterAll(async () => {
    await pool.end()
    await db.drop()
    rmSync(home, { recursive: true, force: true })
  })

  test('show a run that runs', async () => {
    await import(`${home}/move.ts`)
    expect(await cluster.runs()).toMatchObject([{ name: 'move-prices', outcome: 'done', progress: 100 }])
    expect(await db.query('SELECT id, cents::int AS cents FROM price_cents')).toEqual([{ id: 1, cents: 250 }])
  })

  test('show how alerts are configured', async () => {
    process.env['DATABASE_URL'] = db.url
    const { watched } = await import(`${home}/alerts.ts`)
    await watched.close()
  })
})
