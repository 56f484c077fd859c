import type { Freeze } from '@quiesce/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeOn, type TestDatabase, testDatabase } from '../support/database.ts'

/** A type, a value, and the smallest change of it that a comparison may overlook. */
type Case = readonly [type: string, value: string, other: string]

const exact: readonly Case[] = [
  ['int', '1', '2'],
  ['bigint unsigned', '18446744073709551615', '18446744073709551614'],
  ['decimal(30,10)', '1.0000000001', '1.0000000002'],
  // Both are written as 16777200.
  ['float', '16777216', '16777218'],
  ['double', '0.1', '0.10000000000000002'],
  ['bit(64)', '0xFFFFFFFFFFFFFFFF', '0xFFFFFFFFFFFFFFFE'],
  ['year', '2020', '2021'],
  ['date', "'2020-01-01'", "'2020-01-02'"],
  ['time(6)', "'10:00:00.000001'", "'10:00:00.000002'"],
  ['datetime(6)', "'2020-01-01 00:00:00.000001'", "'2020-01-01 00:00:00.000002'"],
  ['timestamp(6) NULL', "'2020-01-01 00:00:00.000001'", "'2020-01-01 00:00:00.000002'"],
  ['varchar(20) COLLATE utf8mb4_general_ci', "'x'", "'X'"],
  ['varchar(20) COLLATE utf8mb4_general_ci', "'o'", "'ö'"],
  ['varchar(20) COLLATE utf8mb4_general_ci', "'x'", "'x '"],
  ['char(5) COLLATE utf8mb4_general_ci', "'a'", "'A'"],
  ['varchar(20) CHARACTER SET utf16', "'x'", "'X'"],
  ['text CHARACTER SET latin1', "'x'", "'X'"],
  ['longtext COLLATE utf8mb4_general_ci', "REPEAT('a', 100000)", "CONCAT(REPEAT('a', 99999), 'A')"],
  ['blob', "x'00ff'", "x'00fe'"],
  ['varbinary(10)', "x'00'", "x'0000'"],
  ["enum('a', 'b')", "'a'", "'b'"],
  ["enum('', 'a')", "''", '0'],
  ["set('a', 'b')", "'a'", "'a,b'"],
  ['json', `'{"a":1}'`, `'{"a":1.0}'`],
  ['json', `'"x"'`, `'"X"'`],
  ['point', "ST_GeomFromText('POINT(1 1)')", "ST_GeomFromText('POINT(1 1.0000000000000002)')"],
  ['geometry', "ST_GeomFromText('POINT(1 1)', 0)", "ST_GeomFromText('POINT(1 1)', 4326)"],
]
const own: Readonly<Record<string, readonly Case[]>> = {
  mysql: [
    ['double', '0', '-0e0'],
    ['vector(2)', "TO_VECTOR('[1,2]')", "TO_VECTOR('[1,2.0000002]')"],
  ],
  mariadb: [
    ['uuid', "'00000000-0000-0000-0000-000000000001'", "'00000000-0000-0000-0000-000000000002'"],
    ['inet6', "'::1'", "'::2'"],
    ['varchar(2000) COMPRESSED', "REPEAT('a', 1999)", "REPEAT('A', 1999)"],
  ],
}

describeOn('mysql', 'mariadb')('columns on %s', (kind) => {
  const cases = [...exact, ...(own[kind] ?? [])]
  let db: TestDatabase
  let freeze: Freeze | undefined

  beforeEach(async () => {
    db = await testDatabase('columns', kind)
  })
  afterEach(async () => {
    await freeze?.thaw()
    await db.drop()
  })

  const frozen = async (exempt: Readonly<Record<string, readonly string[]>>): Promise<void> => {
    // A lease that a busy machine can renew: nobody takes over here.
    const cluster = db.cluster({ freezeLeaseMs: 10_000 })
    await cluster.start()
    freeze = await cluster.freeze({ reason: 'columns', fence: 'required', exempt })
  }
  const isRefused = async (sql: string): Promise<boolean> =>
    db.query(sql).then(
      () => false,
      ({ message }: Error) => {
        if (!message.startsWith('quiesce fence:')) throw new Error(`${sql}: ${message}`)
        return true
      },
    )

  test(`of ${cases.length} kinds are protected to the last bit, while an exempt one beside them is written (catches a comparison by collation, by printed digits, or one that NULL makes undecided)`, async () => {
    const columns = cases.map(([type], n) => `c${n} ${type}`).join(', ')
    const values = (of: (one: Case) => string): string => cases.map(of).join(', ')
    await db.query(`CREATE TABLE kinds (id int PRIMARY KEY, free int, ${columns})`)
    await db.query(`INSERT IGNORE INTO kinds VALUES (1, 0, ${values(([, value]) => value)})`)
    await db.query('INSERT INTO kinds (id, free) VALUES (2, 0)')
    await frozen({ kinds: ['free'] })
    expect(freeze?.guarantee).toBe('fenced')

    const slipped: string[] = []
    for (const [n, [type, value, other]] of cases.entries()) {
      if (!(await isRefused(`UPDATE IGNORE kinds SET free = 1, c${n} = ${other} WHERE id = 1`)))
        slipped.push(`${type}: ${value} -> ${other}`)
      if (!(await isRefused(`UPDATE kinds SET c${n} = NULL WHERE id = 1`))) slipped.push(`${type}: to NULL`)
      if (!(await isRefused(`UPDATE kinds SET c${n} = ${value} WHERE id = 2`))) slipped.push(`${type}: from NULL`)
    }
    expect(slipped).toEqual([])
    const same = cases.map((_, n) => `c${n} = c${n}`).join(', ')
    expect(await isRefused('UPDATE kinds SET free = free + 1')).toBe(false)
    expect(await isRefused(`UPDATE kinds SET free = free + 1, ${same}`)).toBe(false)
    expect((await db.query('SELECT free FROM kinds ORDER BY id')).map(({ free }) => free)).toEqual([2, 2])
  })

  test('that the server computes follow an exempt one; what ON UPDATE sets by itself, hidden columns and made keys do not', async () => {
    await db.query(
      `CREATE TABLE made (id int PRIMARY KEY, free int, twice int AS (free * 2) STORED, thrice int AS (free * 3),
        hidden int ${kind === 'mysql' ? 'DEFAULT 0 INVISIBLE' : 'INVISIBLE DEFAULT 0'})`,
    )
    await db.query('INSERT INTO made (id, free) VALUES (1, 1)')
    await db.query(
      'CREATE TABLE touched (id int PRIMARY KEY, free int, at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)',
    )
    await db.query("INSERT INTO touched VALUES (1, 1, '2020-01-01')")
    const session = await db.connect()
    if (kind === 'mysql') await session.query('SET sql_generate_invisible_primary_key = ON')
    await session.query('CREATE TABLE keyless (free int)')
    await session.query('INSERT INTO keyless VALUES (1)')
    await session.end()
    await frozen({ made: ['free'], touched: ['free'], keyless: ['free'] })

    expect(await isRefused('UPDATE made SET free = 5')).toBe(false)
    expect(await db.query('SELECT twice, thrice FROM made')).toEqual([{ twice: 10, thrice: 15 }])
    expect(await isRefused('UPDATE made SET free = 6, hidden = 1')).toBe(true)
    expect(await isRefused('UPDATE touched SET free = 5')).toBe(true)
    expect(await isRefused('UPDATE touched SET free = 5, at = at')).toBe(false)
    expect(await isRefused('UPDATE keyless SET free = 5')).toBe(false)
    if (kind === 'mysql') expect(await isRefused('UPDATE keyless SET my_row_id = 77')).toBe(true)
  })
})
