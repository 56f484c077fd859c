import { createHash } from 'node:crypto'
import type { QueryConfig, QueryResult } from 'pg'
import { sqlStateOf } from './errors.ts'

/** Sends a statement whose text comes again and again. */
export type SendKept = (text: string, values: readonly unknown[]) => Promise<QueryResult>

/** With these, all raised before anything is executed, a server answers that it has no such statement or plan any more. */
const NOT_KEPT: ReadonlySet<string> = new Set([
  '26000', // invalid_sql_statement_name: a pooler has given us another session, or somebody has thrown it away
  '42P05', // duplicate_prepared_statement: a pooler has given us a session in which another process has prepared it
  '0A000', // feature_not_supported: "cached plan must not change result type", after a change of the tables
])

/**
 * Lets the server keep a statement and its plan in each session; measured, a heartbeat costs the server a third then.
 *
 * Once it has said that it does not keep them, every statement is sent in full, as through a pooler it always has to be.
 */
export function keepStatements(query: (config: QueryConfig) => Promise<QueryResult>): SendKept {
  let areKept = true
  return async (text, values) => {
    if (areKept) {
      try {
        return await query({ name: nameOf(text), text, values: [...values] })
      } catch (error) {
        if (!NOT_KEPT.has(sqlStateOf(error) ?? '')) throw error
        areKept = false
      }
    }
    return query({ text, values: [...values] })
  }
}

/** The same text has the same name in every process, so that a session that is shared never has another one's under it. */
function nameOf(text: string): string {
  let name = names.get(text)
  if (name === undefined) {
    name = `quiesce_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
    names.set(text, name)
  }
  return name
}

/** There are few: one for each kind of statement and place of the coordination tables. */
const names = new Map<string, string>()
