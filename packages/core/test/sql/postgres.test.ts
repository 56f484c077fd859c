import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/sql/analyze.ts'
import { inShort } from './in-short.ts'
import { postgresCases } from './postgres-cases.ts'

describe.each(postgresCases)('PostgreSQL, or else $defect', ({ rows }) => {
  it.each(rows)('%s: %s', (sql, expected) => {
    expect(inShort(analyze(sql, 'postgres'))).toBe(expected)
  })
})
