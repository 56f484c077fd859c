import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileExemptions, unitePolicies } from '../../src/domain/exemption.ts'
import type { TableWrite } from '../../src/domain/table-write.ts'

const seed = compileExemptions(
  {
    cloud_migration: true,
    setting: true,
    core_user: true,
    report_card: ['last_used_at', 'updated_at'],
    audit_log: { insert: true },
    'stats.visits': true,
  },
  'public',
)
const update = (table: string, columns: TableWrite['columns'], schema?: string): TableWrite => ({
  operation: 'update',
  table,
  columns,
  schema,
})

describe('exemptions', () => {
  test('an update of exempt columns alone passes', () => {
    expect(seed.refused(update('report_card', ['last_used_at']))).toBeUndefined()
    expect(seed.refused(update('report_card', ['updated_at', 'last_used_at']))).toBeUndefined()
  })

  test('an update that also assigns a protected column names it (catches exemptions that are inverted)', () => {
    expect(seed.refused(update('report_card', ['last_used_at', 'name']))).toEqual(['name'])
    expect(seed.refused(update('report_card', ['name']))).toEqual(['name'])
  })

  test('columns that the text does not resolve are all columns (catches fail-open)', () => {
    expect(seed.refused(update('report_card', 'all'))).toBe('all')
    expect(seed.refused(update('report_card', []))).toBe('all')
  })

  test('a column exemption lets neither insert, delete nor truncate pass', () => {
    for (const operation of ['insert', 'delete', 'truncate', 'merge'] as const) {
      expect(seed.refused({ operation, table: 'report_card', columns: 'all' })).toBe('all')
    }
  })

  test('operations are exempt one by one', () => {
    expect(seed.refused({ operation: 'insert', table: 'audit_log', columns: 'all' })).toBeUndefined()
    expect(seed.refused({ operation: 'delete', table: 'audit_log', columns: 'all' })).toBe('all')
    expect(seed.refused(update('audit_log', ['x']))).toEqual(['x'])
  })

  test('a name means the default schema, and no other schema’s table of the same name', () => {
    expect(seed.refused(update('setting', ['value'], 'public'))).toBeUndefined()
    expect(seed.refused(update('setting', ['value'], 'other'))).toEqual(['value'])
    expect(seed.refused(update('visits', ['n']))).toEqual(['n'])
    expect(seed.refused(update('visits', ['n'], 'stats'))).toBeUndefined()
  })

  test('names are compared as they are', () => {
    expect(seed.refused(update('Setting', ['value']))).toEqual(['value'])
    expect(seed.refused(update('toString', ['value']))).toEqual(['value'])
    expect(seed.refused(update('__proto__', ['value']))).toEqual(['value'])
  })

  test('two policies together let pass what either does, column by column (catches one that replaces the other)', () => {
    const more = compileExemptions({ report_card: ['view_count'], audit_log: { delete: true } }, 'public')
    const both = unitePolicies(seed, more)
    expect(both.refused(update('report_card', ['last_used_at', 'view_count']))).toBeUndefined()
    expect(both.refused(update('report_card', ['last_used_at', 'view_count', 'name']))).toEqual(['name'])
    for (const operation of ['insert', 'delete'] as const) {
      expect(both.refused({ operation, table: 'audit_log', columns: 'all' })).toBeUndefined()
    }
  })

  test('changed ⊆ exempt decides, for any columns and rules', () => {
    const column = fc.constantFrom('a', 'b', 'c', 'd', 'updated_at')
    const columns = fc.uniqueArray(column, { minLength: 1 })
    fc.assert(
      fc.property(columns, columns, (exempt, changed) => {
        const passes = compileExemptions({ t: exempt }, 'public').refused(update('t', changed)) === undefined
        expect(passes).toBe(changed.every((name) => exempt.includes(name)))
      }),
    )
  })
})
