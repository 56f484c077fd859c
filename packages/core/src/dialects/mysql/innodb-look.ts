import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { QuiesceError } from '../../domain/errors.ts'
import type { Row, Statements } from '../../domain/executor.ts'
import { readRow } from '../row.ts'
import type { TableNames } from './names.ts'
import type { StoreContext } from './store-context.ts'

/** InnoDB shows what it showed last while anybody, of whatever program, has looked within 100 ms. */
const STALE_MS = 110
const MAX_LOOKS = 12
/** Those that look take turns, in the whole server: two that look again and again would never see anything new. */
const TURN = 'quiesce looks at INNODB_TRX'
const LONGEST_TURN_WAIT_MS = 8000
/** Waited for in the server, which gives it to whoever came first. */
const TURN_WAIT_SECONDS = 1
const LONGEST_STATEMENT_MS = 5000
/** Whoever is paused or cut off in its turn is out of it after this time. */
const LONGEST_SILENCE_SECONDS = 2

/** The sessions and what they execute; also what waits for a table and has no transaction yet. */
const selectSessions = `
SELECT ID AS pid, USER AS user_name, HOST AS host, DB AS db, COMMAND AS command, INFO AS query, QUERY_ID AS query_id,
  TIME_MS AS time_ms
FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND COMMAND NOT IN ('Daemon', 'Binlog Dump')`

/** The transactions; `mark` stands in the one that asks, so an answer without it is an old one. */
const selectTransactions = (mark: string): string => `
SELECT /* ${mark} */ trx_mysql_thread_id AS pid, trx_id, trx_query AS query, trx_rows_modified AS modified,
  trx_rows_locked AS locked, trx_started AS started,
  TIMESTAMPDIFF(SECOND, trx_started, SYSDATE()) AS seconds
FROM information_schema.INNODB_TRX`

/** What a look at the server showed; what moves from the first list to the second in between is in both. */
export interface InnodbLook {
  readonly sessions: readonly Row[]
  readonly transactions: readonly Row[]
}

/**
 * Looks at the server in turn, until it shows something new; needs PROCESS. On a connection of its own: where many look
 * at once a turn is long in coming, and no heartbeat may wait for it.
 */
export function lookInTurn({ executor, tables }: Pick<StoreContext, 'executor' | 'tables'>): Promise<InnodbLook> {
  return executor.transaction((one) => inTurn(tables, one), { statementTimeoutMs: LONGEST_STATEMENT_MS })
}

async function inTurn(t: TableNames, one: Statements): Promise<InnodbLook> {
  await one.execute(`SET SESSION wait_timeout = ${LONGEST_SILENCE_SECONDS}`)
  const until = performance.now() + LONGEST_TURN_WAIT_MS
  const got = async (): Promise<boolean> => {
    const [row = {}] = (await one.execute('SELECT GET_LOCK(?, ?) AS got', [TURN, TURN_WAIT_SECONDS])).rows
    return readRow(row).optionalNumber('got') === 1
  }
  while (!(await got())) {
    if (performance.now() > until) throw starved()
  }
  try {
    return await look(t, one)
  } finally {
    // The session may be broken, and with it the lock; the error that broke it is what counts.
    await one.execute('SELECT RELEASE_LOCK(?)', [TURN]).catch(() => {})
  }
}

async function look(t: TableNames, one: Statements): Promise<InnodbLook> {
  // A read of any table opens our own transaction, which must then be listed.
  await one.execute(`SELECT 1 FROM ${t.version} LIMIT 1`)
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    const sessions = (await one.execute(selectSessions)).rows
    const mark = randomUUID()
    const transactions = (await one.execute(selectTransactions(mark))).rows
    const isOwn = (row: Row): boolean => String(row['query']).includes(mark)
    if (transactions.some(isOwn)) return { sessions, transactions: transactions.filter((row) => !isOwn(row)) }
    await pause(STALE_MS * (1 + looks / 4))
  }
  throw starved()
}

function starved(): QuiesceError {
  return new QuiesceError(
    'QUIESCE_DATABASE',
    'information_schema.INNODB_TRX is read by others so often that it shows nothing new. Pause that monitoring, or turn performance_schema and its instrument wait/lock/metadata/sql/mdl on.',
  )
}
