import type { Admission, Gate, SkippedWrite, Ticket, Wanted } from '@quiesce/core/adapter'
import { driverErrorOf, endWithError, refusalIn } from './driver-error.ts'

/** A statement to be sent, and the list of {@link GuardedConnection.announced} if its client is guarded as well. */
export interface Statement {
  readonly sql: string
  readonly announced: string[] | undefined
  /** Set where `send()` can answer in the place of a write that is skipped; otherwise such a write is refused. */
  readonly wanted?: Wanted | undefined
}

/**
 * Sends statements that are admitted, and counts them until they are over.
 *
 * The decision and `send()` happen in one synchronous turn. While the node is still joining, anything but a read waits.
 * A refusal is a rejection with a `ReadOnlyError`; `send` was not called then, so no connection was taken.
 */
export interface Sender {
  /** Sends a statement that is over when `send()` settles. */
  send(admission: Admission, statement: Statement, send: Send): Promise<unknown>
  /** Sends a statement that is over when `onSent` ends its ticket. */
  sendOpen(
    admission: Admission,
    statement: Statement,
    send: Send,
    onSent: (value: unknown, ticket: Ticket) => void,
  ): Promise<unknown>
}

/** Hands a statement to the driver, or answers for it when it is skipped. */
export type Send = (skipped?: SkippedWrite) => Promise<unknown>

/** Makes the sender for a gate. */
export function createSender(gate: Gate): Sender {
  function admitAndSend(
    admission: Admission,
    { sql, announced, wanted }: Statement,
    send: Send,
    onSent: (value: unknown, ticket: Ticket) => void,
  ): Promise<unknown> {
    let ticket: Ticket
    try {
      ticket = admission.admit(sql, wanted)
    } catch (error) {
      return Promise.reject(error)
    }
    const { skipped } = ticket
    if (skipped !== undefined) return send(skipped)
    announced?.push(sql)
    return attempt(send).then(
      (value) => {
        takeAnnounced(announced, sql)
        onSent(value, ticket)
        return value
      },
      (error: unknown) => {
        const cause = driverErrorOf(error)
        // What is still announced has never reached its client: no connection was free, or a subscriber threw.
        if (takeAnnounced(announced, sql)) ticket.end('answered')
        else endWithError(gate, ticket, cause)
        throw refusalIn(gate, cause) ?? error
      },
    )
  }

  function sendOpen(
    admission: Admission,
    statement: Statement,
    send: Send,
    onSent: (value: unknown, ticket: Ticket) => void,
  ): Promise<unknown> {
    if (!gate.isStarting) return admitAndSend(admission, statement, send, onSent)
    return gate.whenReady(statement.sql).then(() => admitAndSend(admission, statement, send, onSent))
  }

  return { send: (admission, statement, send) => sendOpen(admission, statement, send, endAnswered), sendOpen }
}

/** Removes one announcement of `sql`; true when there was one. */
export function takeAnnounced(announced: string[] | undefined, sql: string): boolean {
  if (announced === undefined) return false
  // Nearly always there is one.
  if (announced.at(-1) === sql) {
    announced.pop()
    return true
  }
  const index = announced.indexOf(sql)
  if (index === -1) return false
  announced.splice(index, 1)
  return true
}

function endAnswered(_value: unknown, ticket: Ticket): void {
  ticket.end('answered')
}

function attempt(send: Send): Promise<unknown> {
  try {
    return send()
  } catch (error) {
    return Promise.reject(error)
  }
}
