import { type Gate, isReadOnlyError, type ReadOnlyError, type Ticket } from '@quiesce/core/adapter'

/** TypeORM wraps what a driver throws in a `QueryFailedError`; the driver's own error stands in `driverError`. */
export function driverErrorOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('driverError' in error)) return error
  return error.driverError ?? error
}

/** The refusal that a driver's error is or tells of: of a guard below, of the database's fence, of a read-only session. */
export function refusalIn(gate: Gate, cause: unknown): ReadOnlyError | undefined {
  return isReadOnlyError(cause) ? cause : gate.refusalIn(cause)
}

/** Ends a statement by what the driver's error says of it; a guard below has refused it before it was sent. */
export function endWithError(gate: Gate, ticket: Ticket, cause: unknown): void {
  ticket.end(isReadOnlyError(cause) ? 'answered' : gate.outcomeOf(cause))
}
