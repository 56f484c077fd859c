import type { Ticket, Wanted } from '../domain/admission.ts'
import type { TableWrite } from '../domain/table-write.ts'
import type { Analysis } from '../sql/analysis.ts'
import type { SkippedAnswer } from '../sql/answer-of-skipped.ts'

/**
 * The ticket of a write that is answered instead of sent; `undefined` where nobody could answer it truthfully: an insert
 * whose keys or rows are wanted, and rows that only a query with effects would read.
 */
export function skippedTicket(
  write: TableWrite,
  answer: SkippedAnswer | undefined,
  wanted: Wanted,
  analyze: (sql: string) => Analysis,
): Ticket | undefined {
  if (answer === undefined || (answer.operation === 'insert' && wanted === 'keys')) return undefined
  const { rows } = answer
  if (rows !== undefined && analyze(rows.sql).kind !== 'read') return undefined
  const table = write.schema === undefined ? write.table : `${write.schema}.${write.table}`
  return { skipped: { operation: write.operation, table, rows }, end() {} }
}
