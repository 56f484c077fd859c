import type { Row } from '../../domain/executor.ts'
import type { OpenWriter } from '../../domain/store.ts'
import { readRow } from '../row.ts'
import { rowsOf, type StoreContext } from './store-context.ts'

/**
 * The locks on tables that somebody writes, locks for writing or alters, and our own lock on the view itself.
 *
 * A statement that writes takes its lock before its first row, waiting or not, and keeps it until its transaction ends;
 * a prepared XA transaction keeps it when its session is gone. Programs are named as their driver says (`program_name`,
 * visible to the same account), otherwise by user and host. Only readers hold the kinds that are left out here.
 */
const selectLocks = `
SELECT m.OBJECT_SCHEMA AS table_schema, m.OBJECT_NAME AS table_name, m.OWNER_THREAD_ID AS thread,
  m.OWNER_EVENT_ID AS event, COALESCE(t.PROCESSLIST_ID = CONNECTION_ID(), 0) AS is_own, t.PROCESSLIST_ID AS pid,
  t.PROCESSLIST_TIME AS seconds, t.PROCESSLIST_DB AS db, LEFT(t.PROCESSLIST_INFO, 120) AS query,
  COALESCE(a.ATTR_VALUE, CONCAT(t.PROCESSLIST_USER, '@', t.PROCESSLIST_HOST)) AS application
FROM performance_schema.metadata_locks m LEFT JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID
LEFT JOIN performance_schema.session_account_connect_attrs a
  ON a.PROCESSLIST_ID = t.PROCESSLIST_ID AND a.ATTR_NAME = 'program_name'
WHERE m.OBJECT_TYPE = 'TABLE' AND (t.PROCESSLIST_ID = CONNECTION_ID()
  OR (m.LOCK_TYPE NOT IN ('SHARED', 'SHARED_HIGH_PRIO', 'SHARED_READ', 'SHARED_READ_ONLY')
    AND m.OBJECT_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')))
ORDER BY m.OWNER_THREAD_ID, m.OWNER_EVENT_ID`

/** `undefined` where the server does not keep its metadata locks visible. */
export async function metadataLockWriters(context: StoreContext): Promise<readonly OpenWriter[] | undefined> {
  const { tables: t } = context
  const { database } = await context.server()
  const rows = await rowsOf(context, selectLocks)
  // Our own lock on the view must be among them; otherwise the instrument is off, and nothing is proof of nothing.
  if (!rows.some((row) => readRow(row).boolean('is_own'))) return undefined
  const isOwnTable = (row: Row): boolean =>
    row['table_schema'] === (t.schema ?? database) && String(row['table_name']).startsWith(t.prefix)
  const isHere = (row: Row): boolean =>
    database === undefined || row['db'] == null || row['db'] === database || row['table_schema'] === database
  const relevant = rows.filter((row) => !readRow(row).boolean('is_own') && isHere(row) && !isOwnTable(row))
  const byThread = new Map<string, Row[]>()
  for (const row of relevant) {
    const thread = readRow(row).text('thread')
    byThread.set(thread, [...(byThread.get(thread) ?? []), row])
  }
  return [...byThread.values()].map(writerOf)
}

/** A thread's first lock names its transaction: later ones are asked for by later events, and threads are never reused. */
function writerOf(rows: readonly Row[]): OpenWriter {
  const r = readRow(rows[0] ?? {})
  const seconds = r.optionalNumber('seconds')
  return {
    id: `${r.text('thread')}/${r.text('event')}`,
    pid: r.optionalNumber('pid') ?? 0,
    ageMs: seconds === undefined ? undefined : seconds * 1000,
    application: r.optionalText('application') ?? 'prepared XA transaction',
    query: r.optionalText('query'),
    tables: [...new Set(rows.map((row) => `${row['table_schema']}.${row['table_name']}`))],
  }
}
