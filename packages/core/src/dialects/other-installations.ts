import type { TableRef } from '../domain/fence.ts'

/** What the names of the coordination tables of every version end with, behind the prefix. */
const MARKS = ['cluster', 'event', 'freeze', 'lock', 'node', 'row_lock', 'version']
/** The same of those that not every version or every database has. */
const PARTS = [...MARKS, 'fence', 'run', 'run_token']

/**
 * The tables without the coordination tables of other installations of Quiesce (another schema or prefix): fenced, their
 * clusters could not renew a lease, and nobody could thaw what they had frozen. Only where all of them stand beside each
 * other: a table of the application that is merely called alike stays fenced.
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
