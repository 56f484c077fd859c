import { z } from 'zod'
import type { Statements } from '../../domain/executor.ts'
import type { TableRef } from '../../domain/fence.ts'
import { type FenceMark, markName, markOf } from '../../domain/fence-mark.ts'
import { readRow } from '../row.ts'
import type { FenceSession } from './fence-session.ts'
import { qualified } from './fence-triggers.ts'
import { quoteLiteral } from './names.ts'

/** What says whose READ ONLY schemas are: an empty table of the fence's name that lists them in its comment. */
export interface Marker {
  readonly mark: FenceMark
  readonly schemas: readonly string[]
}

const BEGINNING = 'quiesce fence of schemas: '
const listed = z.array(z.string())

/** The longest comment of a table. */
export const LONGEST_COMMENT = 2048

/** The comment that lists these schemas. */
export function markerComment(schemas: readonly string[]): string {
  return `${BEGINNING}${JSON.stringify(schemas)}`
}

/** Makes the marker of a fence, which lists no schema yet; harmless when it is there. */
export async function createMarker(one: FenceSession, home: string, mark: FenceMark): Promise<void> {
  await one.alter(markerTable(home, mark))
}

/** What makes the marker of a fence. */
export function markerTable(home: string, mark: FenceMark): string {
  const comment = quoteLiteral(markerComment([]))
  return `CREATE TABLE IF NOT EXISTS ${qualified(home, markName(mark))} (id INT PRIMARY KEY) COMMENT ${comment}`
}

/** Changes what a marker lists. */
export async function listSchemas(
  one: FenceSession,
  home: string,
  mark: FenceMark,
  schemas: readonly string[],
): Promise<void> {
  await one.alter(markerList(home, mark, schemas))
}

/** What changes the list of a marker. */
export function markerList(home: string, mark: FenceMark, schemas: readonly string[]): string {
  return `ALTER TABLE ${qualified(home, markName(mark))} COMMENT ${quoteLiteral(markerComment(schemas))}`
}

/** Removes a marker; harmless when it is gone. */
export async function dropMarker(one: FenceSession, home: string, mark: FenceMark): Promise<void> {
  await one.alter(markerRemoval(home, mark))
}

/** What removes a marker. */
export function markerRemoval(home: string, mark: FenceMark): string {
  return `DROP TABLE IF EXISTS ${qualified(home, markName(mark))}`
}

/** Every marker beside the coordination tables, with the tables of its schemas. */
export async function readMarkers(
  one: Statements,
  home: string,
): Promise<readonly (Marker & { readonly tables: readonly TableRef[] })[]> {
  const markers = (await one.execute(selectMarkers, [home])).rows.flatMap((row): readonly Marker[] => {
    const r = readRow(row)
    const mark = markOf(r.text('name'))
    const schemas = schemasIn(r.text('comment'))
    // Only a name that is nothing but the mark: triggers and the like have more behind it.
    return mark === undefined || schemas === undefined || markName(mark) !== r.text('name') ? [] : [{ mark, schemas }]
  })
  const all = [...new Set(markers.flatMap(({ schemas }) => schemas))]
  const tables = all.length === 0 ? [] : (await one.execute(selectTables(all.length), all)).rows.map(tableRef)
  return markers.map((marker) => ({
    ...marker,
    tables: tables.filter(({ schema }) => marker.schemas.includes(schema)),
  }))
}

/** Those of these schemas that are READ ONLY. */
export async function readOnlySchemas(one: Statements, schemas: readonly string[]): Promise<ReadonlySet<string>> {
  if (schemas.length === 0) return new Set()
  const { rows } = await one.execute(selectReadOnly(schemas.length), schemas)
  return new Set(rows.map((row) => readRow(row).text('name')))
}

function schemasIn(comment: string): readonly string[] | undefined {
  if (!comment.startsWith(BEGINNING)) return undefined
  try {
    return listed.parse(JSON.parse(comment.slice(BEGINNING.length)))
  } catch {
    return undefined
  }
}

const selectMarkers = `SELECT TABLE_NAME AS name, TABLE_COMMENT AS comment FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = ? AND TABLE_NAME LIKE 'quiesce\\_%'`

function selectTables(schemas: number): string {
  return `SELECT TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name FROM information_schema.TABLES
  WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA IN (${places(schemas)})`
}

function selectReadOnly(schemas: number): string {
  return `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA_EXTENSIONS
  WHERE OPTIONS LIKE '%READ ONLY=1%' AND SCHEMA_NAME IN (${places(schemas)})`
}

function places(count: number): string {
  return Array(count).fill('?').join(', ')
}

function tableRef(row: Parameters<typeof readRow>[0]): TableRef {
  const r = readRow(row)
  return { schema: r.text('table_schema'), table: r.text('table_name') }
}
