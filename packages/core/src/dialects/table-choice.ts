import type { FenceGap, TableRef, TableSelection } from '../domain/fence.ts'

/** A selection of tables, compiled. */
export interface TableChoice {
  has(table: TableRef): boolean
  /** Names in `include` that no found table bears. */
  missing(found: readonly TableRef[]): readonly string[]
  /** The found tables that `exclude` leaves out, as gaps. */
  excluded(found: readonly TableRef[]): readonly FenceGap[]
}

/** Compiles a selection; names without a schema mean `defaultSchema`. */
export function chosenBy(selection: TableSelection, defaultSchema: string | undefined): TableChoice {
  const { schemas, include, exclude = [] } = selection
  const key = ({ schema, table }: TableRef): string => JSON.stringify([schema, table])
  const keyOf = (name: string): string => {
    const dot = name.indexOf('.')
    return key({ schema: dot === -1 ? (defaultSchema ?? '') : name.slice(0, dot), table: name.slice(dot + 1) })
  }
  const left = new Set(exclude.map(keyOf))
  const wanted = include === undefined ? undefined : new Set(include.map(keyOf))
  return {
    has: (table) =>
      (schemas === undefined || schemas.includes(table.schema)) &&
      (wanted === undefined || wanted.has(key(table))) &&
      !left.has(key(table)),
    missing(found) {
      const there = new Set(found.map(key))
      return (include ?? []).filter((name) => !there.has(keyOf(name)))
    },
    excluded: (found) =>
      found
        .filter((table) => left.has(key(table)))
        .map(({ schema, table }) => ({
          kind: 'excluded',
          subject: `${schema}.${table}`,
          message: `${schema}.${table} was left out by tables.exclude: only the nodes hold writes to it back`,
        })),
  }
}
