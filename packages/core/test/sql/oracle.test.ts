import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { analyze } from '../../src/sql/analyze.ts'
import { postgresCases } from './postgres-cases.ts'
import { loadOracle, visible } from './postgres-oracle.ts'

const CHANGING = ['write', 'ddl', 'unknown']
const RUNS = Number(process.env['QUIESCE_ORACLE_ROUNDS'] ?? 500)

const TABLES = ['card', 'shop.card', '"Card"', 'only_card', '"a""b"', 'ONLY deck']
const STRINGS = ["'a;b'", "E'it\\'s'", '$$; DELETE FROM x$$', "$q$'$q$", "U&'\\0041'", "'--'", '$1']
const table = fc.constantFrom(...TABLES)
const condition = fc.constantFrom(
  'true',
  'id = 1',
  'id IN (SELECT id FROM deck)',
  "name = 'x'",
  'seen IS NOT DISTINCT FROM $1',
)
const value = fc.oneof(
  fc.constantFrom(...STRINGS),
  fc.constantFrom('1', 'now()', 'lower(name)', '(SELECT max(id) FROM deck)', 'CASE WHEN a THEN 1 END'),
)
const returning = fc.constantFrom('', ' RETURNING id', ' RETURNING *')

const select = fc
  .tuple(value, table, condition)
  .map(([one, from, where]) => `SELECT ${one} FROM ${from.replace('ONLY ', '')} WHERE ${where}`)
const write = fc.oneof(
  fc
    .tuple(table, value, returning)
    .map(([to, one, back]) => `INSERT INTO ${to.replace('ONLY ', '')} (id) VALUES (${one})${back}`),
  fc
    .tuple(table, value, returning)
    .map(
      ([to, one, back]) =>
        `INSERT INTO ${to.replace('ONLY ', '')} SELECT ${one} ON CONFLICT (id) DO UPDATE SET seen = 1${back}`,
    ),
  fc
    .tuple(table, value, value, condition, returning)
    .map(([to, one, two, where, back]) => `UPDATE ${to} SET seen = ${one}, (a, b) = (${two}, 2) WHERE ${where}${back}`),
  fc.tuple(table, condition, returning).map(([from, where, back]) => `DELETE FROM ${from} WHERE ${where}${back}`),
  fc.constant(
    'MERGE INTO card USING deck ON true WHEN MATCHED THEN UPDATE SET seen = 1 WHEN NOT MATCHED THEN DO NOTHING',
  ),
)
const query = fc.letrec<{ any: string; plain: string; with: string; union: string }>((tie) => ({
  plain: fc.oneof(select, write),
  with: fc
    .tuple(fc.array(fc.oneof(select, write, tie('any')), { minLength: 1, maxLength: 3 }), fc.oneof(select, write))
    .map(([parts, main]) => `WITH ${parts.map((part, index) => `w${index} AS (${part})`).join(', ')} ${main}`),
  union: fc.tuple(select, select).map(([one, two]) => `(${one}) UNION ALL (${two})`),
  any: fc.oneof({ depthSize: 'small' }, tie('plain'), tie('union'), tie('with')),
})).any
const statement = fc.oneof(
  { weight: 6, arbitrary: query },
  ...[
    'EXPLAIN %',
    'EXPLAIN ANALYZE %',
    'EXPLAIN (ANALYZE false) %',
    'EXPLAIN (VERBOSE, ANALYZE) %',
    'COPY (%) TO STDOUT',
    'DECLARE c CURSOR FOR %',
    'CREATE TABLE t AS %',
    'PREPARE p AS %',
    'CREATE VIEW v AS %',
  ].map((frame) => ({
    weight: 1,
    arbitrary: query.map((inner) => frame.replace('%', () => inner)),
  })),
)
const BLANKS = [' ', '\n', ' /* x /* ; */ */ ', ' -- y\n', '\t']

/** Other blanks and letter case wherever a space stands outside of quotes, or anywhere: what does not parse is no test. */
const disguised = fc
  .tuple(statement, fc.array(fc.constantFrom(...BLANKS), { minLength: 30, maxLength: 30 }), fc.boolean())
  .map(([sql, blanks, lower]) => {
    const words = sql.split(' ')
    return words.reduce(
      (text, word, index) =>
        `${text}${blanks[index % 30] ?? ' '}${lower && /^[A-Z]+$/.test(word) ? word.toLowerCase() : word}`,
    )
  })

const corpus = postgresCases.flatMap(({ rows }) => rows.map(([sql]) => sql))

/** A statement of the corpus with words taken out, doubled or exchanged. */
const mutilated = fc
  .tuple(
    fc.constantFrom(...corpus),
    fc.constantFrom(...corpus),
    fc.nat(),
    fc.nat(),
    fc.constantFrom('drop', 'double', 'splice', 'stack'),
  )
  .map(([sql, other, at, from, how]) => {
    const [words, others] = [sql.split(' '), other.split(' ')]
    const index = at % words.length
    if (how === 'drop') words.splice(index, 1)
    else if (how === 'double') words.splice(index, 0, words[index] ?? '')
    else if (how === 'splice') words.splice(index, 1, ...others.slice(from % others.length))
    else return `${sql}; ${other}`
    return words.join(' ')
  })

/** Never a read where PostgreSQL's own parser sees a change, and every table and column that it sees. */
function agrees(sql: string): boolean {
  const seen = visible(sql)
  if (seen === undefined) return false
  const analysis = analyze(sql, 'postgres')
  if (seen.changes) expect(CHANGING, sql).toContain(analysis.kind)
  if (analysis.kind !== 'write') return true
  const told = analysis.writes.map(({ schema, table: name }) => (schema === undefined ? name : `${schema}.${name}`))
  expect(told, sql).toEqual(expect.arrayContaining([...seen.tables]))
  const updates = analysis.writes.filter(({ operation }) => operation === 'update' || operation === 'merge')
  const columns = updates.flatMap((update) => (update.columns === 'all' ? seen.assigned : update.columns))
  expect(columns, sql).toEqual(expect.arrayContaining([...seen.assigned]))
  return true
}

describe('PostgreSQL’s own parser agrees', () => {
  beforeAll(loadOracle)

  it('on every statement of the tests that it can read', () => {
    expect(corpus.filter(agrees).length).toBeGreaterThan(corpus.length / 2)
  })

  it('on generated statements (catches a write that is hidden in a place where nobody looks)', () => {
    let read = 0
    fc.assert(
      fc.property(disguised, (sql) => {
        if (agrees(sql)) read += 1
      }),
      { numRuns: RUNS },
    )
    expect(read).toBeGreaterThan(RUNS / 2)
  })

  it('on mutilated statements of the tests', () => {
    let read = 0
    fc.assert(
      fc.property(mutilated, (sql) => {
        if (agrees(sql)) read += 1
      }),
      { numRuns: RUNS },
    )
    expect(read).toBeGreaterThan(RUNS / 10)
  })
})
