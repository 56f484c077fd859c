import { setTimeout as pause } from 'node:timers/promises'
import type { OpenWriter } from '../../domain/store.ts'
import { readRow } from '../row.ts'
import type { FenceSessions } from './fence-session.ts'
import { lookInTurn } from './innodb-look.ts'
import { lockHolders, transactionsIn } from './open-transactions.ts'
import type { StandingNames } from './standing-names.ts'
import { changeRow } from './standing-state.ts'
import { type StoreContext, unlessDenied } from './store-context.ts'

/** How long somebody has to wait for the row to be seen doing so, and when it is looked at. */
const WAIT_MS = 900
const LOOK_AFTER_MS = 50

/**
 * Transactions that have asked the standing fence, and so keep its row as it is: they have written to a fenced table, or
 * were refused. `undefined` where the server does not tell, or not this account.
 */
export async function askersOf(
  context: StoreContext,
  sessions: FenceSessions,
  names: StandingNames,
): Promise<readonly OpenWriter[] | undefined> {
  const byLocks = await unlessDenied(() => lockHolders(context, names.tableName))
  if (byLocks !== undefined) return byLocks
  const { language, database } = await context.server()
  if (language.product !== 'mariadb') return undefined
  // It tells of a lock only while somebody waits for it.
  let waiting: Promise<unknown> = Promise.resolve()
  const along = {
    sql: selectHolders,
    parameters: [names.table],
    async begin() {
      waiting = changeRow(sessions, language, names, WAIT_MS, async () => undefined).catch(() => {})
      await pause(LOOK_AFTER_MS)
    },
  }
  const look = await unlessDenied(() => lookInTurn(context, along).finally(() => waiting))
  const pids = new Set(look?.along.map((row) => readRow(row).number('pid')))
  return look && transactionsIn(look, database).filter(({ pid }) => pids.has(pid))
}

/** Sessions whose shared lock somebody waits for, but who do not wait for it themselves. */
const selectHolders = `SELECT DISTINCT t.trx_mysql_thread_id AS pid FROM information_schema.INNODB_LOCK_WAITS w
  JOIN information_schema.INNODB_LOCKS l ON l.lock_id = w.blocking_lock_id
  JOIN information_schema.INNODB_TRX t ON t.trx_id = l.lock_trx_id
  WHERE l.lock_table = ? AND l.lock_mode LIKE 'S%' AND NOT (t.trx_requested_lock_id <=> l.lock_id)`
