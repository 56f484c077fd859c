import type { CompareOptions, Comparison, RunHolder } from '@quiesce/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { databases, type TestDatabase, testDatabase } from '../support/database.ts'

const [first = 'postgres'] = databases
const sides = new Map<string, TestDatabase>()

/** The common types, in each database's own words. */
const columns: Readonly<Record<string, string>> = {
  postgres: `id bigint, name varchar(40), ok boolean, price numeric(12,4), at timestamptz, day date, raw bytea, doc jsonb, note text`,
  mysql: `id bigint, name varchar(40), ok tinyint(1), price decimal(10,2), at datetime(6), day date, raw blob, doc json, note text`,
  mariadb: `id bigint, name varchar(40), ok tinyint(1), price decimal(10,2), at datetime(6), day date, raw blob, doc json, note text`,
}
const bytes: Readonly<Record<string, string>> = { postgres: `'\\x00ff27'`, mysql: `x'00ff27'`, mariadb: `x'00ff27'` }
const zone: Readonly<Record<string, string>> = { postgres: '+00', mysql: '', mariadb: '' }

beforeAll(async () => {
  for (const kind of databases) {
    const db = await testDatabase('compare', kind)
    sides.set(kind, db)
    for (const table of ['goods', 'goods_copy']) {
      await db.query(`CREATE TABLE ${table} (${columns[kind]})`)
      const rows = [
        `(1, 'it''s é 𝕏', ${kind === 'postgres' ? 'true' : '1'}, 12.50, '2026-01-02 03:04:05.678901${zone[kind]}', '2026-02-28', ${bytes[kind]}, '{"a": 1, "bb": [true, null]}', NULL)`,
        `(2, '', ${kind === 'postgres' ? 'false' : '0'}, 0, '1999-12-31 23:59:59${zone[kind]}', '1970-01-01', NULL, '{}', 'x')`,
      ]
      // The order in which rows were written must not count.
      if (table === 'goods_copy') rows.reverse()
      for (const row of rows) await db.query(`INSERT INTO ${table} VALUES ${row}`)
    }
  }
})
afterAll(async () => {
  for (const db of sides.values()) await db.drop()
})

/** Compares inside a run, as its verify would. */
async function compare(options: CompareOptions): Promise<Comparison> {
  const cluster = sides.get(first)?.cluster({ freezeLeaseMs: 8000, nodeLeaseMs: 5000, statementTimeoutMs: 4000 })
  const found: Comparison[] = []
  await cluster?.run({
    name: 'compare',
    reason: 'test',
    force: { reason: 'late nodes' },
    freeze: { fence: 'off' },
    steps: [{ name: 'look', run: async (holder: RunHolder) => void found.push(await holder.compare(options)) }],
  })
  await cluster?.close()
  const [comparison = { equal: false, differences: [] }] = found
  return comparison
}

test.each(databases)('a copy in the same %s is equal, and each difference is told where it is', async (kind) => {
  const db = sides.get(kind)
  const options = { source: db?.url, copy: db?.url, tables: ['goods'], copyName: (table: string) => `${table}_copy` }
  expect(await compare(options)).toEqual({ equal: true, differences: [] })
  await db?.query(`UPDATE goods_copy SET note = 'y' WHERE id = 2`)
  expect((await compare(options)).differences).toMatchObject([{ table: 'goods', column: 'note', why: 'content' }])
  expect(await compare({ ...options, ignore: ['goods.note'] })).toMatchObject({ equal: true })
  await db?.query(`DELETE FROM goods_copy WHERE id = 1`)
  expect((await compare(options)).differences).toMatchObject([
    { why: 'rows', message: expect.stringContaining('2 rows in the source, 1 in the copy') },
  ])
})

test.runIf(databases.length > 1)('a copy in another product is equal where both can say the same', async () => {
  for (const kind of databases) {
    const options = { tables: ['goods'], copy: sides.get(kind)?.url }
    // MariaDB keeps JSON as the text that was written.
    const ignore = [first, kind].includes('mariadb') ? ['goods.doc'] : []
    expect(await compare({ ...options, ignore }), kind).toEqual({ equal: true, differences: [] })
  }
})
