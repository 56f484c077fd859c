import type { SkippedWrite } from '@quiesce/core/adapter'
import type { SqlQueryableLike, SqlQueryLike } from './driver-adapter.ts'

/** What an adapter answers when a statement gave no rows. */
const NO_ROWS = { columnNames: [], columnTypes: [], rows: [] }

/** Answers a query that is not sent: with the rows that it asks for as they are, or with none. */
export function rowsOfSkipped(inner: SqlQueryableLike, query: SqlQueryLike, { rows }: SkippedWrite): Promise<unknown> {
  if (rows === undefined) return Promise.resolve(NO_ROWS)
  const { sql, parameters } = rows
  const pick = (list: readonly unknown[] = []): readonly unknown[] => parameters.map((index) => list[index])
  return inner.queryRaw({ ...query, sql, args: pick(query.args), argTypes: pick(query.argTypes) })
}

/** Answers a statement that is not sent, of which only the count is wanted: nothing has changed. */
export function countOfSkipped(): Promise<number> {
  return Promise.resolve(0)
}
