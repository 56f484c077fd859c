import { EventEmitter, errorMonitor } from 'node:events'
import type { Gate, Ticket } from '@quiesce/core/adapter'

/**
 * Ends a ticket with the stream whose statement it counts: when that has ended, closed or failed.
 *
 * PostgreSQL and MySQL run an UPDATE in `stream()` as readily as a SELECT, and TypeORM broadcasts no event for it. A
 * stream of mysql2 closes while its statement runs on, so there the client's guard counts it.
 */
export function endWithStream(gate: Gate, stream: unknown, ticket: Ticket): void {
  if (!(stream instanceof EventEmitter)) {
    ticket.end('unknown')
    return
  }
  stream.once('end', () => ticket.end('answered'))
  stream.once('close', () => ticket.end('answered'))
  // The monitor leaves an error without a listener as fatal as it was.
  stream.once(errorMonitor, (error: unknown) => ticket.end(gate.outcomeOf(error)))
}
