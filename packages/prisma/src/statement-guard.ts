import {
  type Admission,
  type Gate,
  guarded,
  type Outcome,
  type SkippedWrite,
  settle,
  type Ticket,
  type Wanted,
} from '@quiesce/core/adapter'

/** Sends statements through a gate, judging errors as Prisma's driver adapters report them. */
export interface StatementGuard {
  readonly gate: Gate
  /** Sends a statement if `admission` admits it; with `wanted` it may have to be answered instead. */
  send<T>(admission: Admission, sql: string, send: (skipped?: SkippedWrite) => Promise<T>, wanted?: Wanted): Promise<T>
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
  return {
    gate,
    send: (admission, sql, send, wanted) => guarded(judge, admission, sql, send, wanted),
    settle: (ticket, send) => settle(judge, ticket, send),
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
