import type { Row } from '../../domain/executor.ts'
import type { RefusedEvents, TableRef } from '../../domain/fence.ts'
import { readRow } from '../row.ts'

/** `relkind` as the catalog has it: table, partitioned, foreign, materialized view. */
export type TableKind = 'r' | 'p' | 'f' | 'm'

interface FoundTrigger {
  /** Bits as in `pg_trigger.tgtype`. */
  readonly type: number
  readonly enabled: string
  readonly columns: readonly string[] | null
}

/** One table as the survey read it. */
export interface FoundTable extends TableRef {
  readonly kind: string
  readonly owned: boolean
  /** Whether the role owns it or may write it; others may all the same. */
  readonly reachable: boolean
  readonly ofExtension: boolean
  readonly version: number
  /** Without generated ones. */
  readonly columns: readonly string[]
  readonly heat: number
  /** Those of the fence that was asked about. */
  readonly triggers: readonly FoundTrigger[]
}

/** Reads one row of the survey. */
export function foundTable(row: Row): FoundTable {
  const r = readRow(row)
  return {
    schema: r.text('schema'),
    table: r.text('name'),
    kind: r.text('kind'),
    owned: r.boolean('owned'),
    reachable: r.boolean('reachable'),
    ofExtension: r.boolean('of_extension'),
    version: r.number('version'),
    columns: r.json('columns') as readonly string[],
    heat: r.optionalNumber('heat') ?? 0,
    triggers: r.json('triggers') as readonly FoundTrigger[],
  }
}

/** Foreign tables have TRUNCATE triggers from this version on. */
export const FOREIGN_TRUNCATE = 160_000

/** What of the wanted refusals a trigger on this table can do; `undefined`: nothing, see the gaps. */
export function refusable(
  { kind, ofExtension, version }: FoundTable,
  wanted: RefusedEvents,
): RefusedEvents | undefined {
  if (kind === ('m' satisfies TableKind) || ofExtension) return undefined
  if (kind !== ('f' satisfies TableKind) || version >= FOREIGN_TRUNCATE) return wanted
  const { insert, update, delete: remove } = wanted
  return insert || update !== false || remove ? { ...wanted, truncate: false } : undefined
}

const INSERT = 4
const DELETE = 8
const UPDATE = 16
const TRUNCATE = 32

/** Whether the triggers that stand refuse all of this, whatever `session_replication_role` says. */
export function isCovered(
  { triggers }: FoundTable,
  { insert, update, delete: remove, truncate }: RefusedEvents,
): boolean {
  const armed = triggers.filter(({ enabled }) => enabled === 'A')
  const has = (event: number): boolean => armed.some(({ type }) => (type & event) !== 0)
  if ((insert && !has(INSERT)) || (remove && !has(DELETE)) || (truncate && !has(TRUNCATE))) return false
  if (update === false) return true
  const updates = armed.filter(({ type }) => (type & UPDATE) !== 0)
  if (updates.some(({ columns }) => columns === null)) return true
  return update !== true && update.every((column) => updates.some(({ columns }) => columns?.includes(column)))
}

/** Whether the triggers that stand refuse anything that these refusals do not. */
export function refusesMore({ triggers }: FoundTable, wanted: RefusedEvents | undefined): boolean {
  const { insert = false, update = false, delete: remove = false, truncate = false } = wanted ?? {}
  const has = (event: number): boolean => triggers.some(({ type }) => (type & event) !== 0)
  if ((!insert && has(INSERT)) || (!remove && has(DELETE)) || (!truncate && has(TRUNCATE))) return true
  const updates = triggers.filter(({ type }) => (type & UPDATE) !== 0)
  if (update === true || updates.length === 0) return false
  return update === false || updates.some(({ columns }) => columns?.every((column) => update.includes(column)) !== true)
}
