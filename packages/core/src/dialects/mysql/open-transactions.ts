import type { TableRef } from '../../domain/fence.ts'
import type { OpenWriter } from '../../domain/store.ts'
import { type RowReader, readRow } from '../row.ts'
import { functionSchemaOf } from './fence-survey.ts'
import { type InnodbLook, lookInTurn } from './innodb-look.ts'
import { rowsOf, type StoreContext, unlessDenied } from './store-context.ts'

/**
 * Every transaction that has used a table of the application, those that only read included; `undefined` where the
 * server does not tell, or not this account.
 */
export async function openTransactions(context: StoreContext): Promise<readonly OpenWriter[] | undefined> {
  const byLocks = await unlessDenied(() => lockHolders(context))
  if (byLocks !== undefined) return byLocks
  const { language, database } = await context.server()
  return language.product === 'mariadb'
    ? unlessDenied(async () => transactionsIn(await lookInTurn(context), database))
    : undefined
}

/** Those that have used one of these tables, or may have where the server does not tell which tables they used. */
export function usersOf(
  transactions: readonly OpenWriter[] | undefined,
  tables: readonly TableRef[],
): readonly OpenWriter[] | undefined {
  const names = new Set(tables.map(({ schema, table }) => `${schema}.${table}`))
  return transactions?.filter((one) => one.tables.length === 0 || one.tables.some((name) => names.has(name)))
}

const readLocks = `'SHARED', 'SHARED_HIGH_PRIO', 'SHARED_READ', 'SHARED_READ_ONLY'`

/** Locks on tables that keep the table's definition as it is: everybody who has used it in a transaction holds one. */
const selectHeldLocks = `
SELECT m.OBJECT_SCHEMA AS table_schema, m.OBJECT_NAME AS table_name, m.OWNER_THREAD_ID AS thread,
  m.LOCK_TYPE IN (${readLocks}) AS reads_only,
  m.OWNER_EVENT_ID AS event, COALESCE(t.PROCESSLIST_ID = CONNECTION_ID(), 0) AS is_own, t.PROCESSLIST_ID AS pid,
  t.PROCESSLIST_TIME AS seconds, LEFT(t.PROCESSLIST_INFO, 120) AS query,
  COALESCE(a.ATTR_VALUE, CONCAT(t.PROCESSLIST_USER, '@', t.PROCESSLIST_HOST)) AS application
FROM performance_schema.metadata_locks m LEFT JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID
LEFT JOIN performance_schema.session_account_connect_attrs a
  ON a.PROCESSLIST_ID = t.PROCESSLIST_ID AND a.ATTR_NAME = 'program_name'
WHERE m.OBJECT_TYPE = 'TABLE' AND m.LOCK_STATUS = 'GRANTED' AND (t.PROCESSLIST_ID = CONNECTION_ID()
  OR m.OBJECT_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema'))
ORDER BY m.OWNER_THREAD_ID, m.OWNER_EVENT_ID`

/**
 * Those that hold locks on tables of the application, with `ownTable` only such as hold one on this table of ours too;
 * `undefined` where the server does not keep its metadata locks visible.
 */
export async function lockHolders(
  context: StoreContext,
  ownTable?: string,
): Promise<readonly OpenWriter[] | undefined> {
  const { tables: t } = context
  const rows = await rowsOf(context, selectHeldLocks)
  // Our own lock on the view must be among them; otherwise the instrument is off.
  if (!rows.some((row) => readRow(row).boolean('is_own'))) return undefined
  const functionSchema = functionSchemaOf(context, (await context.server()).database)
  const isOwn = (r: RowReader): boolean =>
    r.boolean('is_own') || (r.text('table_schema') === functionSchema && r.text('table_name').startsWith(t.prefix))
  const isAsked = (r: RowReader): boolean =>
    r.text('table_schema') === functionSchema && r.text('table_name') === ownTable
  const askers = new Set(rows.map(readRow).flatMap((r) => (isAsked(r) ? [r.text('thread')] : [])))
  const byThread = new Map<string, RowReader[]>()
  for (const r of rows.map(readRow)) {
    if (ownTable !== undefined && !askers.has(r.text('thread'))) continue
    if (isOwn(r)) continue
    byThread.set(r.text('thread'), [...(byThread.get(r.text('thread')) ?? []), r])
  }
  return [...byThread.values()].flatMap((locks) => {
    const [first] = locks
    if (first === undefined) return []
    const seconds = first.optionalNumber('seconds')
    return {
      id: `${first.text('thread')}/${first.text('event')}`,
      pid: first.optionalNumber('pid') ?? 0,
      ageMs: seconds === undefined ? undefined : seconds * 1000,
      application: first.optionalText('application') ?? 'prepared XA transaction',
      query: first.optionalText('query'),
      tables: [...new Set(locks.map((r) => `${r.text('table_schema')}.${r.text('table_name')}`))],
      onlyReads: locks.every((r) => r.boolean('reads_only')),
    }
  })
}

/** Which tables they used nobody tells; a transaction that is prepared and has no session any more is in nobody's way. */
export function transactionsIn(
  { sessions, transactions }: InnodbLook,
  database: string | undefined,
): readonly OpenWriter[] {
  return sessions.map(readRow).flatMap((session) => {
    const db = session.optionalText('db')
    const open = transactions.map(readRow).find((r) => r.text('pid') === session.text('pid'))
    if (open === undefined || (database !== undefined && db !== undefined && db !== database)) return []
    return {
      id: `${session.text('pid')}/since ${open.text('started')}`,
      pid: session.number('pid'),
      ageMs: (open.optionalNumber('seconds') ?? 0) * 1000,
      application: `${session.optionalText('user_name') ?? ''}@${session.optionalText('host') ?? ''}`,
      query: session.optionalText('query')?.slice(0, 120),
      tables: [],
      onlyReads: open.number('modified') === 0 && session.text('command') === 'Sleep',
    }
  })
}
