import { nameAt, type Statement, signAt } from './statement.ts'

/** A table as a statement names it, and the index behind its name. */
export interface TableName {
  readonly schema: string | undefined
  readonly table: string
  readonly next: number
}

/** The (qualified) name that stands at an index; of `database.schema.table` the last two parts count. */
export function tableNameAt(statement: Statement, at: number): TableName | undefined {
  let schema: string | undefined
  let table = nameAt(statement, at)
  if (table === undefined || table === '') return undefined
  let next = at + 1
  while (signAt(statement, next, '.')) {
    const part = nameAt(statement, next + 1)
    if (part === undefined || part === '') return undefined
    schema = table
    table = part
    next += 2
  }
  return { schema, table, next }
}
