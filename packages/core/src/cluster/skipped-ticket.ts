import type { Ticket, Wanted } from '../domain/admission.ts'
import type { TableWrite } from '../domain/table-write.ts'
import type { GateOptions } from './gate-options.ts'

/**
 * The ticket of a write that is answered instead of sent; `undefined` where nobody could answer it truthfully: an insert
 * whose keys or rows are wanted, and rows that only a query with effects would read.
 */
export function skippedTicket(
  { answerOfSkipped, analyze, onSkipped }: Pick<GateOptions, 'answerOfSkipped' | 'analyze' | 'onSkipped'>,
  write: TableWrite,
  sql: string,
  wanted: Wanted | undefined,
): Ticket | undefined {
  const answer = answerOfSkipped(sql)
  if (answer === undefined || (answer.operation === 'insert' && wanted === 'keys')) return undefined
  const { rows } = answer
  if (rows !== undefined && analyze(rows.sql).kind !== 'read') return undefined
  const table = write.schema === undefined ? write.table : `${write.schema}.${write.table}`
  const skipped = { operation: write.operation, table, rows }
  onSkipped?.(skipped)
  return { skipped, end() {} }
}
