import type { Gate, Outcome, Session, Ticket } from '@quiesce/core/adapter'
import type { ClientRefusals } from './client-refusals.ts'
import { endWithError, refusalIn } from './driver-error.ts'
import type { Call, Method } from './patches.ts'
import { type QueryCallback, readQueryCall, type Submittable } from './query-call.ts'
import type { Sender } from './sender.ts'

/** Sends what somebody hands to a client directly, in whichever shape, if it is admitted. */
export function sendCall(gate: Gate, sender: Sender, session: Session, query: Call, args: readonly unknown[]): unknown {
  const call = readQueryCall(args)
  const statement = { sql: call.sql, announced: undefined }
  switch (call.shape) {
    case 'promise':
      return sender.send(session, statement, async () => query(args))
    case 'callback':
      answer(
        call.callback,
        sender.send(session, statement, () => promised((callback) => query(call.argsWith(callback)))),
      )
      return undefined
    case 'submittable':
      submit(gate, session, call.sql, call.submittable, () => query(args))
      return call.submittable
  }
}

/**
 * Sends a text and its values, as nearly every statement is, when it has been admitted: by a callback, so that no promise
 * comes to the driver's two.
 */
export function sendText(
  { gate, refusals }: { readonly gate: Gate; readonly refusals: ClientRefusals },
  ticket: Ticket,
  client: object,
  query: Method,
  args: readonly unknown[],
): Promise<unknown> {
  const sent = new Promise((resolve, reject) => {
    try {
      query.call(client, args[0], args[1], (error: unknown, result: unknown) => {
        if (error) return reject(error)
        ticket.end('answered')
        resolve(result)
      })
    } catch (error) {
      reject(error)
    }
  })
  return sent.catch((error: unknown) => {
    endWithError(gate, ticket, error)
    // As node-postgres does: the stack of whoever has called, in the place of that of the socket's listener.
    if (error instanceof Error) Error.captureStackTrace(error)
    const refusal = refusalIn(gate, error)
    if (refusal !== undefined) refusals.expect()
    throw refusal ?? error
  })
}

/** Gives a promise's end to a callback, outside the promise, so that what the callback throws stays an exception. */
export function answer(callback: QueryCallback, result: Promise<unknown>): void {
  result.then(
    (value) => process.nextTick(callback, undefined, value),
    (error: unknown) => process.nextTick(callback, error),
  )
}

function promised(call: (callback: QueryCallback) => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)))
  })
}

function submit(gate: Gate, session: Session, sql: string, submittable: Submittable, send: () => unknown): void {
  const admitAndSend = (): void => {
    try {
      endWithSubmittable(gate, session.admit(sql), submittable)
    } catch (error) {
      // node-postgres tells of a client that cannot take a query in the same way.
      process.nextTick(() => submittable.handleError(error))
      return
    }
    send()
  }
  if (!gate.isStarting) admitAndSend()
  else gate.whenReady(sql).then(admitAndSend, (error: unknown) => submittable.handleError(error))
}

/** A Submittable is over when the server is ready for the next query, or when the connection is lost. */
function endWithSubmittable(gate: Gate, ticket: Ticket, submittable: Submittable): void {
  let isOver = false
  const end = (outcome: Outcome): void => {
    if (!isOver) ticket.end(outcome)
    isOver = true
  }
  const { handleReadyForQuery, handleError } = submittable
  submittable.handleReadyForQuery = (connection) => {
    end('answered')
    handleReadyForQuery.call(submittable, connection)
  }
  submittable.handleError = (error, connection) => {
    end(gate.outcomeOf(error))
    handleError.call(submittable, error, connection)
  }
}
