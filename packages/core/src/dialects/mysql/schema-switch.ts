import type { SqlExecutor } from '../../domain/executor.ts'
import type { FenceStep } from '../../domain/fence.ts'
import { fenceError } from '../../domain/fence-error.ts'
import { type FenceMark, markName } from '../../domain/fence-mark.ts'
import { readRow } from '../row.ts'
import type { FenceSession, FenceSessions } from './fence-session.ts'
import { quoteIdentifier } from './names.ts'
import {
  dropMarker,
  listSchemas,
  type Marker,
  markerList,
  markerRemoval,
  markerTable,
  readMarkers,
  readOnlySchemas,
} from './schema-marker.ts'
import { killConnection } from './session.ts'

/** Of the whole server, because one switch serves every cluster that uses the schema. */
const LOCK = 'quiesce schema switch'
const LOCK_WAIT_SECONDS = 1
/** Longer than a process that lives leaves a statement unanswered here: whoever holds the lock so long is paused. */
const STUCK_SECONDS = 3

/**
 * One attempt under the lock of all who throw the switch: what was read about markers and schemas holds until it ends.
 * A session that keeps the lock and sends nothing is ended, so a process that is paused stands in nobody's way.
 */
export async function underSwitch(
  executor: SqlExecutor,
  sessions: FenceSessions,
  lockWaitMs: number,
  work: (one: FenceSession) => Promise<void>,
): Promise<FenceStep> {
  let isLocked = false
  const step = await sessions.attempt(lockWaitMs, async (one) => {
    const [row = {}] = (await one.execute('SELECT GET_LOCK(?, ?) AS locked', [LOCK, LOCK_WAIT_SECONDS])).rows
    isLocked = readRow(row).optionalNumber('locked') === 1
    if (!isLocked) return
    try {
      await work(one)
    } finally {
      await one.execute('SELECT RELEASE_LOCK(?)', [LOCK]).catch(() => {})
    }
  })
  if (isLocked) return step
  const stuck = (await executor.execute(selectStuck, [LOCK, STUCK_SECONDS])).rows.map(readRow)
  for (const r of stuck) await killConnection(executor, r.number('id'))
  return 'busy'
}

const selectStuck = `SELECT ID AS id FROM information_schema.PROCESSLIST
  WHERE ID = IS_USED_LOCK(?) AND COMMAND = 'Sleep' AND TIME >= ?`

/**
 * Makes schemas READ ONLY: each waits for every transaction that has used a table of it, and new ones wait behind it.
 *
 * @throws QuiesceError `QUIESCE_FENCE` when the marker is gone, because somebody has ended this fence, or when a schema
 *   is READ ONLY already and nobody's: it would not be given back to whoever did that.
 */
export async function raiseSchemas(
  one: FenceSession,
  home: string,
  mark: FenceMark,
  schemas: readonly string[],
): Promise<void> {
  const markers = await readMarkers(one, home)
  const own = markers.find((marker) => isOf(marker, mark))
  if (own === undefined) throw fenceError([`the marker ${home}.${markName(mark)} is gone: this fence was ended`])
  const thrown = await readOnlySchemas(one, schemas)
  const foreign = [...thrown].filter((schema) => !isListed(markers, schema))
  if (foreign.length > 0) throw fenceError(foreign.map(foreignSwitch))
  const all = [...new Set([...own.schemas, ...schemas])]
  if (all.length > own.schemas.length) await listSchemas(one, home, mark, all)
  for (const schema of schemas) if (!thrown.has(schema)) await one.alter(setReadOnly(schema, true))
}

/** Gives back the schemas that no other fence needs, and removes the marker. */
export async function lowerSchemas(one: FenceSession, home: string, mark: FenceMark): Promise<void> {
  const markers = await readMarkers(one, home)
  const own = markers.find((marker) => isOf(marker, mark))
  if (own === undefined) return
  const others = markers.filter((marker) => marker !== own)
  for (const schema of await readOnlySchemas(one, own.schemas))
    if (!isListed(others, schema)) await one.alter(setReadOnly(schema, false))
  await dropMarker(one, home, mark)
}

/** What making schemas READ ONLY sends, with what comes before it, where no other fence has done so. */
export function raiseSchemasScript(home: string, mark: FenceMark, schemas: readonly string[]): readonly string[] {
  const switches = schemas.map((schema) => setReadOnly(schema, true))
  return [markerTable(home, mark), markerList(home, mark, schemas), ...switches]
}

/** What giving schemas back sends, where no other fence needs them. */
export function lowerSchemasScript(home: string, mark: FenceMark, schemas: readonly string[]): readonly string[] {
  return [...schemas.map((schema) => setReadOnly(schema, false)), markerRemoval(home, mark)]
}

/** Why a schema that is READ ONLY by others is in the way. */
export function foreignSwitch(schema: string): string {
  return `${schema} is READ ONLY already, and by no fence of this cluster: ALTER SCHEMA ${quoteIdentifier(schema)} READ ONLY = 0 if nobody needs that`
}

/** Whether a marker lists a schema. */
export function isListed(markers: readonly Marker[], schema: string): boolean {
  return markers.some(({ schemas }) => schemas.includes(schema))
}

function isOf(marker: Marker, mark: FenceMark): boolean {
  return markName(marker.mark) === markName(mark)
}

function setReadOnly(schema: string, on: boolean): string {
  return `ALTER SCHEMA ${quoteIdentifier(schema)} READ ONLY = ${on ? 1 : 0}`
}
