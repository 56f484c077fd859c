import type { FenceGap, TableRef, TableSelection } from '../domain/fence.ts'

/** A selection of tables, compiled. */
export interface TableChoice {
  has(table: TableRef): boolean
  /** Names in `include` that no found table bears. */
  missing(found: readonly TableRef[]): readonly string[]
  /** The found tables that the selection leaves out, as gaps: those of `exclude` one by one, the others all in one. */
  leftOut(found: readonly TableRef[]): readonly FenceGap[]
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
  const isChosen = (table: TableRef): boolean =>
    (schemas === undefined || schemas.includes(table.schema)) &&
    (wanted === undefined || wanted.has(key(table))) &&
    !left.has(key(table))
  return {
    has: isChosen,
    missing(found) {
      const there = new Set(found.map(key))
      return (include ?? []).filter((name) => !there.has(keyOf(name)))
    },
    leftOut(found) {
      const others = found.filter((table) => !left.has(key(table)) && !isChosen(table))
      return [...found.filter((table) => left.has(key(table))).map(excluded), ...notSelected(others)]
    },
  }
}

function excluded({ schema, table }: TableRef): FenceGap {
  const subject = `${schema}.${table}`
  const message = `${subject} was left out by tables.exclude: only the nodes hold writes to it back`
  return { kind: 'excluded', subject, message }
}

function notSelected(tables: readonly TableRef[]): readonly FenceGap[] {
  if (tables.length === 0) return []
  const message = `${someOf(tables)} are not among what tables.include or tables.schemas names: only the nodes hold writes to them back`
  return [{ kind: 'not-selected', message }]
}

const NAMED = 10

/** Names tables, the first ones of many. */
export function someOf(tables: readonly TableRef[]): string {
  const names = tables.slice(0, NAMED).map(({ schema, table }) => `${schema}.${table}`)
  return names.join(', ') + (tables.length > NAMED ? ` and ${tables.length - NAMED} more` : '')
}
