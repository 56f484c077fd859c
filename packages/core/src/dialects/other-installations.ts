import type { TableRef } from '../domain/fence.ts'

/** What the names of coordination tables end with, behind the prefix. */
const PARTS = 'cluster event fence freeze lock node row_lock run run_token version'.split(' ')
/** Parts that no application has beside each other with one prefix. */
const MARKS = ['row_lock', 'version']

/**
 * The tables without the coordination tables of other installations of Quiesce (another schema or prefix): fenced, their
 * clusters could not renew a lease, and nobody could thaw what they had frozen.
 */
export function withoutInstallations<T extends TableRef>(tables: readonly T[]): readonly T[] {
  const names = new Set(tables.map(({ schema, table }) => keyOf(schema, table)))
  return tables.filter(({ schema, table }) => {
    const parts = PARTS.filter((name) => table.endsWith(name))
    return !parts.some((name) => MARKS.every((mark) => names.has(keyOf(schema, table.slice(0, -name.length) + mark))))
  })
}

function keyOf(schema: string, table: string): string {
  return JSON.stringify([schema, table])
}
