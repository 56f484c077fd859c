import { QuiesceError } from '../domain/errors.ts'
import type { Row } from '../domain/executor.ts'

/** Reads columns whatever type a driver or an ORM made of them: text, numbers, bigints, dates. */
export interface RowReader {
  text(column: string): string
  optionalText(column: string): string | undefined
  number(column: string): number
  optionalNumber(column: string): number | undefined
  boolean(column: string): boolean
  /** A moment that was selected as milliseconds since 1970. */
  date(column: string): Date
  optionalDate(column: string): Date | undefined
  json(column: string): unknown
}

/** Wraps one row; a column that must be there and is not is a damaged state, never a default. */
export function readRow(row: Row): RowReader {
  const optional = (column: string): unknown => row[column] ?? undefined
  const required = (column: string): unknown => {
    const value = optional(column)
    if (value !== undefined) return value
    throw new QuiesceError(
      'QUIESCE_STATE_LOST',
      `The coordination tables hold no value for ${column}: the row is damaged. Restore it, or delete the namespace's rows and start again.`,
      { column },
    )
  }
  const optionalNumber = (column: string): number | undefined => {
    const value = optional(column)
    return value === undefined ? undefined : Number(value)
  }
  const number = (column: string): number => Number(required(column))
  const optionalText = (column: string): string | undefined => {
    const value = optional(column)
    return value === undefined ? undefined : String(value)
  }
  const optionalDate = (column: string): Date | undefined => {
    const value = optionalNumber(column)
    return value === undefined ? undefined : new Date(value)
  }
  return {
    text: (column) => String(required(column)),
    optionalText,
    number,
    optionalNumber,
    boolean: (column) => isTrue(required(column)),
    date: (column) => new Date(number(column)),
    optionalDate,
    json: (column) => parsed(required(column)),
  }
}

function isTrue(value: unknown): boolean {
  return value === true || value === 't' || value === 'true' || value === 1 || value === '1'
}

function parsed(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : value
}
