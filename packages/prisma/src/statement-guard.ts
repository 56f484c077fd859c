import {
  type Admission,
  type Gate,
  guarded,
  type Outcome,
  type SkippedWrite,
  settle,
  settleSent,
  type Ticket,
} from '@quiesce/core/adapter'
import type { SqlQueryableLike, SqlQueryLike } from './driver-adapter.ts'
import { countOfSkipped, rowsOfSkipped } from './skipped-answer.ts'

/** Sends statements through a gate, judging errors as Prisma's driver adapters report them. */
export interface StatementGuard {
  readonly gate: Gate
  /** Sends a query by `inner` if `admission` admits it; a write that is skipped is answered with the rows that it asks for. */
  queryRaw(admission: Admission, inner: SqlQueryableLike, query: SqlQueryLike): Promise<unknown>
  /** The same for a statement of which the count of rows is wanted. */
  executeRaw(admission: Admission, inner: SqlQueryableLike, query: SqlQueryLike): Promise<number>
  /** Sends a text of any number of statements if `admission` admits it. */
  send<T>(admission: Admission, sql: string, send: () => Promise<T>): Promise<T>
  /** Sends what was admitted by other means. */
  settle<T>(ticket: Ticket, send: () => Promise<T>): Promise<T>
}

/** Makes the guard that the wrappers of one factory share. */
export function createStatementGuard(gate: Gate): StatementGuard {
  const judge = {
    get isStarting() {
      return gate.isStarting
    },
    whenReady: (sql: string) => gate.whenReady(sql),
    outcomeOf: (error: unknown) => outcomeOf(gate, error),
    refusalIn: (error: unknown) => gate.refusalIn(error),
  }
  function admitQuery(admission: Admission, inner: SqlQueryableLike, query: SqlQueryLike): Promise<unknown> {
    const send = (skipped?: SkippedWrite): Promise<unknown> =>
      skipped === undefined ? inner.queryRaw(query) : rowsOfSkipped(inner, query, skipped)
    return guarded(judge, admission, query.sql, send, 'keys')
  }

  function admitStatement(admission: Admission, inner: SqlQueryableLike, query: SqlQueryLike): Promise<number> {
    const send = (skipped?: SkippedWrite): Promise<number> =>
      skipped === undefined ? inner.executeRaw(query) : countOfSkipped()
    return guarded(judge, admission, query.sql, send, 'rows')
  }

  return {
    gate,
    // Each statement passes these: what may be sent needs no closure.
    queryRaw(admission, inner, query) {
      const noted = admission.note(query.sql)
      if (noted === undefined) return admitQuery(admission, inner, query)
      return settleSent(judge, noted, queryBy(inner, query))
    },
    executeRaw(admission, inner, query) {
      const noted = admission.note(query.sql)
      if (noted === undefined) return admitStatement(admission, inner, query)
      return settleSent(judge, noted, executeBy(inner, query))
    },
    send: (admission, sql, send) => guarded(judge, admission, sql, send),
    settle: (ticket, send) => settle(judge, ticket, send),
  }
}

/** An adapter of somebody's own may throw where Prisma's reject. */
function queryBy(inner: SqlQueryableLike, query: SqlQueryLike): Promise<unknown> {
  try {
    return inner.queryRaw(query)
  } catch (error) {
    return Promise.reject(error)
  }
}

function executeBy(inner: SqlQueryableLike, query: SqlQueryLike): Promise<number> {
  try {
    return inner.executeRaw(query)
  } catch (error) {
    return Promise.reject(error)
  }
}

/** Errors of adapters that leave no statement alive in the server: none was sent, or its whole answer was read. */
const endedKinds: ReadonlySet<unknown> = new Set([
  'DatabaseNotReachable',
  'TlsConnectionError',
  'UnsupportedNativeDataType',
])

/** What an error says about its statement: adapters know some ends that the codes of a database don't tell. */
function outcomeOf(gate: Gate, error: unknown): Outcome {
  const cause = error instanceof Error ? (error.cause as { readonly kind?: unknown } | null | undefined) : undefined
  return endedKinds.has(cause?.kind) ? 'answered' : gate.outcomeOf(error)
}
