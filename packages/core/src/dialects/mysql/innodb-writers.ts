import type { Row } from '../../domain/executor.ts'
import type { OpenWriter } from '../../domain/store.ts'
import type { Analysis } from '../../sql/analysis.ts'
import { createAnalyzer } from '../../sql/analyzer.ts'
import { type RowReader, readRow } from '../row.ts'
import { lookInTurn } from './innodb-look.ts'
import type { StoreContext } from './store-context.ts'

/** A session that writes, by what it executes and by what its transaction has done. */
interface Writing {
  readonly pid: string
  readonly session: RowReader
  /** The statement that it executes, when that may write. */
  readonly statement: { readonly number: string; readonly analysis: Analysis } | undefined
  /** Its transaction, once that has changed a row. */
  readonly transaction: { readonly number: string; readonly ageMs: number } | undefined
}

interface Named {
  readonly id: string
  readonly statement: string | undefined
  readonly transaction: string | undefined
}

/**
 * Finds writers by InnoDB's list of transactions and the list of sessions; needs PROCESS.
 *
 * A transaction has a number of its own only when it has changed a row; before that, the statement that waits to do so
 * names it. So what a session was called at the last look is remembered, and goes on for the transaction that comes of
 * that statement.
 */
export function createInnodbWriters(context: StoreContext): () => Promise<readonly OpenWriter[]> {
  let remembered: ReadonlyMap<string, Named> = new Map()
  return async () => {
    const { database } = await context.server()
    const { sessions, transactions } = await lookInTurn(context)
    const here = sessions.filter(({ db }) => database === undefined || db == null || db === database)
    const writing = here.flatMap((row) => writingOf(row, transactions, context, database))
    const names = new Map(writing.map((one) => [one.pid, nameOf(one, remembered.get(one.pid))]))
    remembered = names
    const prepared = transactions.filter((row) => readRow(row).number('pid') === 0)
    return [
      ...writing.map((one) => sessionWriter(one, names.get(one.pid)?.id ?? one.pid, database)),
      ...prepared.map(preparedWriter),
    ]
  }
}

const analyze = createAnalyzer('mariadb')

function writingOf(
  row: Row,
  transactions: readonly Row[],
  context: StoreContext,
  database: string | undefined,
): readonly Writing[] {
  const session = readRow(row)
  const pid = session.text('pid')
  const query = session.text('command') === 'Sleep' ? undefined : session.optionalText('query')
  const analysis = query === undefined ? undefined : analyze(query)
  if (isOfCoordination(context, database, analysis)) return []
  const statement =
    analysis !== undefined && mayWrite(analysis) ? { number: session.text('query_id'), analysis } : undefined
  const open = transactions.map(readRow).find((r) => r.text('pid') === pid && r.number('modified') > 0)
  const transaction =
    open === undefined
      ? undefined
      : { number: open.text('trx_id'), ageMs: (open.optionalNumber('seconds') ?? 0) * 1000 }
  return statement === undefined && transaction === undefined ? [] : [{ pid, session, statement, transaction }]
}

/** The name that a session's writing had at the last look, if this is the same, otherwise a new one. */
function nameOf({ pid, statement, transaction }: Writing, before: Named | undefined): Named {
  const named = { statement: statement?.number, transaction: transaction?.number }
  if (before !== undefined && isContinued(before, named)) return { id: before.id, ...named }
  const id =
    transaction === undefined ? `${pid}/statement ${statement?.number}` : `${pid}/transaction ${transaction.number}`
  return { id, ...named }
}

/** In doubt the same: that waits for one transaction too many, where the other would miss one. */
function isContinued(before: Omit<Named, 'id'>, now: Omit<Named, 'id'>): boolean {
  if (before.transaction !== undefined) return before.transaction === now.transaction
  return now.transaction !== undefined || before.statement === now.statement
}

function mayWrite({ kind }: Analysis): boolean {
  return kind === 'write' || kind === 'ddl' || kind === 'unknown'
}

/** Statements of the coordination, of whatever node, are never waited for. */
function isOfCoordination({ tables: t }: StoreContext, database: string | undefined, statement?: Analysis): boolean {
  if (statement?.kind !== 'write') return false
  const place = t.schema ?? database
  return statement.writes.every(({ table, schema }) => table.startsWith(t.prefix) && (schema ?? database) === place)
}

/** The tables are those of the statement; which ones a transaction wrote before, nobody tells. */
function sessionWriter(
  { session, statement, transaction }: Writing,
  id: string,
  database: string | undefined,
): OpenWriter {
  const analysis = transaction === undefined ? statement?.analysis : undefined
  const written = analysis?.kind === 'write' ? analysis.writes : []
  return {
    id,
    pid: session.number('pid'),
    ageMs: transaction?.ageMs ?? session.optionalNumber('time_ms'),
    application: `${session.optionalText('user_name') ?? ''}@${session.optionalText('host') ?? ''}`,
    query: session.optionalText('query')?.slice(0, 120),
    tables: [...new Set(written.map(({ table, schema }) => `${schema ?? database}.${table}`))],
  }
}

/** Its session is gone; only XA COMMIT or XA ROLLBACK ends it. */
function preparedWriter(row: Row): OpenWriter {
  const r = readRow(row)
  return {
    id: `prepared ${r.text('trx_id')}`,
    pid: 0,
    ageMs: (r.optionalNumber('seconds') ?? 0) * 1000,
    application: 'prepared XA transaction',
    query: undefined,
    tables: [],
  }
}
