import type { TableWrite } from '../domain/table-write.ts'
import type { Analysis } from './analysis.ts'
import { after, findWord, type Statement, signAt, wordAt } from './statement.ts'
import { tableNameAt } from './table-name.ts'

/** What PostgreSQL's `COPY` at `at` does; for `COPY (query) TO STDOUT` that is what the query does. */
export function copyAnalysis(
  statement: Statement,
  at: number,
  query: (from: number, to: number) => Analysis,
): Analysis {
  if (signAt(statement, at + 1, '(')) {
    const end = after(statement, at + 1)
    return toStdout(statement, end) ? query(at + 2, end - 1) : FILE
  }
  const name = tableNameAt(statement, wordAt(statement, at + 1) === 'binary' ? at + 2 : at + 1)
  if (name === undefined) return UNREADABLE
  const next = signAt(statement, name.next, '(') ? after(statement, name.next) : name.next
  if (wordAt(statement, next) === 'to') return toStdout(statement, next) ? { kind: 'read' } : FILE
  if (wordAt(statement, next) !== 'from') return UNREADABLE
  if (wordAt(statement, next + 1) === 'program') return { kind: 'unknown', why: 'runs a program on the server' }
  return { kind: 'write', writes: [{ operation: 'insert', schema: name.schema, table: name.table, columns: 'all' }] }
}

const FILE: Analysis = { kind: 'unknown', why: 'writes a file on the server' }
const UNREADABLE: Analysis = { kind: 'unknown', why: "the target of this COPY can't be read" }

function toStdout(statement: Statement, at: number): boolean {
  return wordAt(statement, at) === 'to' && wordAt(statement, at + 1) === 'stdout'
}

/** The writes of MySQL's `LOAD DATA` and `LOAD XML`, `undefined` for any other LOAD. */
export function loadWrites(statement: Statement, at: number): readonly TableWrite[] | undefined {
  if (!/^(data|xml)$/.test(wordAt(statement, at + 1))) return undefined
  const into = findWord(statement, at + 2, 'into')
  const name = into > 0 && wordAt(statement, into + 1) === 'table' ? tableNameAt(statement, into + 2) : undefined
  if (name === undefined) return undefined
  const table = { schema: name.schema, table: name.table, columns: 'all' } as const
  const insert: TableWrite = { operation: 'insert', ...table }
  return wordAt(statement, into - 1) === 'replace' ? [insert, { operation: 'delete', ...table }] : [insert]
}
