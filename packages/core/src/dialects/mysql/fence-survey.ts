import type { Row, Statements } from '../../domain/executor.ts'
import type { ExemptionPolicy } from '../../domain/exemption.ts'
import {
  type FenceGap,
  type FenceSurvey,
  type FenceTable,
  type RefusedEvents,
  refusedEvents,
  type SurveyRequest,
  type TableRef,
  type TableSelection,
} from '../../domain/fence.ts'
import { markName, markOf } from '../../domain/fence-mark.ts'
import { withoutInstallations } from '../other-installations.ts'
import { readRow } from '../row.ts'
import { chosenBy } from '../table-choice.ts'
import { errorNumberOf } from './errors.ts'
import { showEveryColumn, triggersOf } from './fence-catalog.ts'
import { selectColumns, type TableColumn, tableColumn } from './fence-columns.ts'
import { triggerGaps } from './fence-gaps.ts'
import { missingRights } from './fence-rights.ts'
import { fenceTriggers } from './fence-triggers.ts'
import type { StoreContext } from './store-context.ts'

/** Looks at the catalog: what is to be fenced, what can't be, and what the account lacks. */
export async function surveyFence(
  context: StoreContext,
  one: Statements,
  request: SurveyRequest,
): Promise<FenceSurvey> {
  const { language, database } = await context.server()
  const { mark, holdDdl = false } = request
  const { schemas, wanted, excluded, missing } = await lookAtTables(context, one, request)
  const standing = new Set(mark === undefined ? [] : (await triggersOf(one, mark)).map(triggerKey))
  const heat = await heatOf(one, schemas)
  const tables = wanted.map(({ columns, ...table }): FenceTable => {
    const triggers = mark === undefined ? [] : fenceTriggers(markName(mark), table, table.refuse, columns)
    const covered = mark !== undefined && triggers.every((trigger) => standing.has(triggerKey(trigger)))
    return { ...table, heat: heat.get(keyOf(table)) ?? 0, covered }
  })
  return {
    tables,
    gaps: [...excluded, ...(await triggerGaps(one, language, { schemas, tables, holdDdl }))],
    obstacles: [
      ...missing,
      ...(await missingRights(
        one,
        functionSchemaOf(context, database),
        tables,
        holdDdl ? language.ddlHold.privilege : undefined,
      )),
    ],
    estimateMs: tables.length * language.fenceTableMs,
  }
}

/** The tables of the application, and what a fence has to refuse on them. */
export interface TableLook {
  readonly schemas: readonly string[]
  /** All, but ours. */
  readonly found: readonly TableRef[]
  readonly wanted: readonly (TableRef & {
    readonly refuse: RefusedEvents
    readonly columns: readonly TableColumn[]
  })[]
  readonly excluded: readonly FenceGap[]
  /** Obstacles: tables that are named and not there. */
  readonly missing: readonly string[]
}

/** Looks at the catalog for the tables that a request is about. */
export async function lookAtTables(
  context: StoreContext,
  one: Statements,
  { policy, selection, defaultSchema: given }: SurveyRequest,
): Promise<TableLook> {
  const { database } = await context.server()
  const defaultSchema = given ?? database
  await showEveryColumn(one)
  const schemas = schemasOf(selection, defaultSchema)
  const found = withoutInstallations(await tablesIn(one, schemas)).filter((table) => !isOwn(context, table, database))
  const columns = await columnsIn(one, schemas)
  const choice = chosenBy(selection, defaultSchema)
  const refusable = found.flatMap((table) => {
    const own = columns.get(keyOf(table)) ?? []
    const refuse = refusedOf(policy, table, own, defaultSchema)
    return refuse === undefined ? [] : [{ ...table, refuse, columns: own }]
  })
  const wanted = refusable.filter((table) => choice.has(table))
  const missing = choice.missing(found).map((name) => `there is no table ${name}, which tables.include names`)
  return { schemas, found, wanted, excluded: choice.leftOut(refusable), missing }
}

/** Where the functions of fences are: beside the coordination tables. */
export function functionSchemaOf({ tables }: StoreContext, database: string | undefined): string {
  return tables.schema ?? database ?? ''
}

/** One server holds the databases of many applications: only those that are named, or the connection's own. */
function schemasOf({ schemas, include = [] }: TableSelection, defaultSchema: string | undefined): readonly string[] {
  const named = include.flatMap((name) => (name.includes('.') ? [name.slice(0, name.indexOf('.'))] : []))
  return schemas ?? [...new Set([...(defaultSchema === undefined ? [] : [defaultSchema]), ...named])]
}

function isOwn(context: StoreContext, { schema, table }: TableRef, database: string | undefined): boolean {
  if (schema !== functionSchemaOf(context, database)) return false
  return table.startsWith(context.tables.prefix) || markOf(table) !== undefined
}

/** An exemption may name a table of the default schema with or without it. */
function refusedOf(
  policy: ExemptionPolicy,
  table: TableRef,
  columns: readonly TableColumn[],
  defaultSchema: string | undefined,
): RefusedEvents | undefined {
  const either: ExemptionPolicy = {
    ...policy,
    refused(write) {
      const rest = policy.refused(write)
      if (rest === undefined || write.schema !== defaultSchema) return rest
      return policy.refused({ ...write, schema: undefined, columns: rest })
    },
  }
  const assignable = columns.filter(({ generated }) => !generated).map(({ name }) => name)
  const refuse = refusedEvents(either, table, assignable)
  if (refuse === undefined) return undefined
  const { insert, update, delete: remove } = refuse
  return insert || update !== false || remove ? { ...refuse, truncate: false } : undefined
}

async function tablesIn(one: Statements, schemas: readonly string[]): Promise<readonly TableRef[]> {
  return (await one.execute(within(selectTables, schemas), schemas)).rows.map(tableRef)
}

async function columnsIn(
  one: Statements,
  schemas: readonly string[],
): Promise<ReadonlyMap<string, readonly TableColumn[]>> {
  const rows = (await one.execute(`${within(selectColumns, schemas)} ORDER BY ORDINAL_POSITION`, schemas)).rows
  const columns = new Map<string, TableColumn[]>()
  for (const row of rows) {
    const key = keyOf(tableRef(row))
    const of = columns.get(key)
    if (of === undefined) columns.set(key, [tableColumn(row)])
    else of.push(tableColumn(row))
  }
  return columns
}

/** No SELECT on `performance_schema`. */
const DENIED: ReadonlySet<number | undefined> = new Set([1142, 1044])

/** Writes since the server was started, where it counts them and shows it; otherwise the size. */
async function heatOf(one: Statements, schemas: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const heats = (rows: readonly Row[]): ReadonlyMap<string, number> =>
    new Map(rows.map((row) => [keyOf(tableRef(row)), readRow(row).optionalNumber('heat') ?? 0]))
  try {
    const { rows } = await one.execute(`${selectWrites} (${placesOf(schemas)})`, schemas)
    if (rows.length > 0) return heats(rows)
  } catch (error) {
    if (!DENIED.has(errorNumberOf(error))) throw error
  }
  return heats((await one.execute(within(selectTables, schemas), schemas)).rows)
}

const selectWrites = `SELECT OBJECT_SCHEMA AS table_schema, OBJECT_NAME AS table_name, COUNT_WRITE AS heat
  FROM performance_schema.table_io_waits_summary_by_table WHERE OBJECT_SCHEMA IN`

const selectTables = `SELECT TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name, TABLE_ROWS AS heat
  FROM (SELECT * FROM information_schema.TABLES WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')) tables`

function within(select: string, schemas: readonly string[]): string {
  return `${select} WHERE TABLE_SCHEMA IN (${placesOf(schemas)})`
}

function placesOf(schemas: readonly string[]): string {
  return schemas.length === 0 ? 'NULL' : schemas.map(() => '?').join(', ')
}

function tableRef(row: Row): TableRef {
  const r = readRow(row)
  return { schema: r.text('table_schema'), table: r.text('table_name') }
}

function triggerKey({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return JSON.stringify([schema, name])
}

function keyOf({ schema, table }: TableRef): string {
  return JSON.stringify([schema, table])
}
