import type { OpenWriter } from '@quiesce/core'
import { duration, plain } from './words.ts'

/** A transaction in the server, e.g. `session 4711 (psql, open 12s) on public.card: UPDATE …`. */
export function writerWords(writer: Omit<OpenWriter, 'id' | 'onlyReads'>): string {
  const { pid, application, ageMs, tables, query } = writer
  const on = tables.length === 0 ? '' : ` on ${tables.map(plain).join(', ')}`
  return `session ${pid} (${plain(application) || 'no name'}, open ${duration(ageMs)})${on}${query === undefined ? '' : `: ${plain(query)}`}`
}
