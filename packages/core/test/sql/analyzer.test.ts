import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/sql/analyze.ts'
import { createAnalyzer } from '../../src/sql/analyzer.ts'
import { inShort } from './in-short.ts'

describe('analyze', () => {
  it('gives the schema, table, columns and operation of each write (a field of the contract would go missing)', () => {
    expect(
      analyze('INSERT INTO shop.card (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET seen = 2', 'postgres'),
    ).toEqual({
      kind: 'write',
      writes: [
        { operation: 'insert', schema: 'shop', table: 'card', columns: 'all' },
        { operation: 'update', schema: 'shop', table: 'card', columns: ['seen'] },
      ],
    })
  })

  it('says why it refuses in a few words (an error message would name nothing)', () => {
    const verdict = analyze('SELECT pg_terminate_backend(1)', 'postgres')
    expect(verdict).toEqual({ kind: 'unknown', why: 'calls pg_terminate_backend()' })
  })
})

describe('the strict mode', () => {
  const strict = createAnalyzer('postgres', { functions: 'allow', harmlessFunctions: ['Card_Score'] })
  it.each([
    ['SELECT count(*), lower(name) FROM card WHERE id IN (1, 2) AND EXISTS (SELECT 1)', 'read'],
    ['SELECT card_score(id) FROM card', 'read'],
    ['SELECT shop.card_score(id) FROM card', 'read'],
    ['SELECT cast(a AS numeric(10, 2)), b::varchar(5) FROM unnest($1::int[]) AS t(a, b)', 'read'],
    ['WITH x(a) AS (SELECT 1), y(b) AS (SELECT 2) SELECT * FROM x, y', 'read'],
    ['SELECT * FROM generate_series(1, 3) n(i)', 'read'],
    ['SELECT sum(a) FILTER (WHERE b) OVER (PARTITION BY c) FROM card', 'read'],
    ['INSERT INTO shop.card (id) VALUES (now())', 'insert shop.card'],
    ['SELECT remove_card(1)', 'unknown'],
    ['SELECT "remove_card"(1)', 'unknown'],
    ['SELECT "values"(1)', 'unknown'],
    ['SELECT DISTINCT ON (a) remove_card(a) FROM card', 'unknown'],
    ['SELECT * FROM remove_card(1) AS (id int)', 'unknown'],
    ['SELECT 1, remove_card(1) AS (SELECT 1)', 'read'],
    ['INSERT INTO card VALUES (remove_card(1))', 'unknown'],
  ])('passes known functions only, or else a function of the application writes in a read: %s: %s', (sql, expected) => {
    expect(inShort(strict(sql))).toBe(expected)
  })
})

describe('lists of functions', () => {
  it('refuse what the application names, in any case (its own writing function would pass)', () => {
    const analyzer = createAnalyzer('mysql', { effectfulFunctions: ['Remove_Card'] })
    expect(analyzer('SELECT remove_card(1)').kind).toBe('unknown')
    expect(analyzer('SELECT shop.REMOVE_CARD(1)').kind).toBe('unknown')
    expect(analyzer('SELECT remove_cards(1)').kind).toBe('read')
  })

  it('let the application vouch for a function, unless it also names it effectful (the lists would not be heard)', () => {
    expect(analyze("SELECT nextval('a')", 'postgres', { harmlessFunctions: ['nextval'] }).kind).toBe('read')
    const both = { harmlessFunctions: ['f'], effectfulFunctions: ['f'] }
    expect(analyze('SELECT f()', 'postgres', both).kind).toBe('unknown')
  })
})

describe('the cache', () => {
  it('gives the same verdict object for the same text (each statement would be analysed anew)', () => {
    const analyzer = createAnalyzer('postgres')
    expect(analyzer('UPDATE card SET seen = 1')).toBe(analyzer('UPDATE card SET seen = 1'))
  })

  it('forgets old texts (memory would grow with every text)', () => {
    const analyzer = createAnalyzer('postgres', { cacheSize: 10 })
    const first = analyzer('DELETE FROM t0')
    for (let index = 1; index < 100; index++) analyzer(`DELETE FROM t${index}`)
    expect(analyzer('DELETE FROM t0')).not.toBe(first)
    expect(analyzer('DELETE FROM t0')).toEqual(first)
  })

  it('keeps no text over 32 kB (a few bulk inserts would fill the memory)', () => {
    const analyzer = createAnalyzer('postgres')
    const sql = `DELETE FROM card WHERE id IN (${'1,'.repeat(20_000)}1)`
    expect(analyzer(sql)).not.toBe(analyzer(sql))
  })
})
