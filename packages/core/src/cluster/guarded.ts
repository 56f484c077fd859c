import type { Admission, Gate, SkippedWrite, Ticket, Wanted } from '../domain/admission.ts'

/** What a guard asks besides the admission; an adapter whose errors the gate can't read passes its own `outcomeOf`. */
type StatementGate = Pick<Gate, 'isStarting' | 'whenReady' | 'outcomeOf' | 'refusalIn'>
type ErrorJudge = Pick<Gate, 'outcomeOf' | 'refusalIn'>

/**
 * Sends a statement if the gate admits it, and counts it until the server has answered: what every guard calls.
 *
 * While the node is still joining, anything but a read or a rollback waits for it. The decision and `send()` happen in one
 * synchronous turn, so no flip of the mode can come between them.
 *
 * With `wanted`, `send` may be called with a write to be skipped: then it sends nothing of it and gives the answer that
 * the caller would have got; the rows that it may need are read with `skipped.rows`.
 *
 * @throws ReadOnlyError (as a rejection) when it is refused; `send` was not called then.
 */
export function guarded<T>(
  gate: StatementGate,
  admission: Admission,
  sql: string,
  send: (skipped?: SkippedWrite) => Promise<T>,
  wanted?: Wanted,
): Promise<T> {
  const noted = admission.note(sql)
  if (noted !== undefined) return settle(gate, noted, send)
  if (gate.isStarting) return gate.whenReady(sql).then(() => admitAndSend(gate, admission, sql, send, wanted))
  return admitAndSend(gate, admission, sql, send, wanted)
}

function admitAndSend<T>(
  gate: ErrorJudge,
  admission: Admission,
  sql: string,
  send: (skipped?: SkippedWrite) => Promise<T>,
  wanted: Wanted | undefined,
): Promise<T> {
  try {
    const ticket = admission.admit(sql, wanted)
    return ticket.skipped === undefined ? settle(gate, ticket, send) : send(ticket.skipped)
  } catch (error) {
    return Promise.reject(error)
  }
}

/**
 * Ends `ticket` by how `send()` ends; for statements that were admitted by other means. What the database itself refuses
 * is a `ReadOnlyError` too.
 */
export function settle<T>(gate: ErrorJudge, ticket: Ticket, send: () => Promise<T>): Promise<T> {
  let sent: Promise<T>
  try {
    sent = send()
  } catch (error) {
    sent = Promise.reject(error)
  }
  return settleSent(gate, ticket, sent)
}

/** As `settle()`, of a statement that was sent in this turn. */
export function settleSent<T>(gate: ErrorJudge, ticket: Ticket, sent: Promise<T>): Promise<T> {
  return sent.then(
    (value) => {
      ticket.end('answered')
      return value
    },
    (error: unknown) => {
      ticket.end(gate.outcomeOf(error))
      throw gate.refusalIn(error) ?? error
    },
  )
}
