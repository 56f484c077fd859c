import { EventEmitter, errorMonitor } from 'node:events'
import type { Gate, Outcome, Ticket } from '@quiesce/core/adapter'

/** A command of mysql2 that makes the server execute a statement: of `query()`, `execute()` or a prepared statement. */
export interface MysqlCommand extends EventEmitter {
  readonly sql?: string | undefined
  /** What was prepared, once it has been. */
  readonly statement?: { readonly query?: string } | undefined
  /** The callback; without one, events tell of the end. */
  onResult?: ((error: unknown, ...rest: readonly unknown[]) => unknown) | undefined
  /** Sends the command when its turn has come; `null`: there is nothing to be waited for. */
  start: () => unknown
}

/** Stands for a text that nobody can see; it is never taken for a read. */
const UNSEEN = 'unseen statement'

/** Tells a command that executes a statement from those that only prepare or close one, ping, or end the session. */
export function isStatement(command: unknown): command is MysqlCommand {
  return command instanceof EventEmitter && ('sql' in command || 'statement' in command)
}

/** The text that the server will execute, with the values where they were put into it. */
export function textOf({ sql, statement }: MysqlCommand): string {
  return sql ?? statement?.query ?? UNSEEN
}

/**
 * Whether values become a part of the text as they are (`mysql.raw()`, whatever has a `toSqlString()`), also in lists and
 * objects; true for what is nested deeper than anybody nests values.
 */
export function bringsSql(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false
  if ('toSqlString' in value || depth > 5) return true
  if (value instanceof Date || value instanceof Uint8Array) return false
  const parts = value instanceof Map || value instanceof Set ? [...value.values()] : Object.values(value)
  return parts.some((part) => bringsSql(part, depth + 1))
}

/** Makes the command send nothing when its turn has come, and end with `error` as with one from the server. */
export function refuseCommand(command: MysqlCommand, error: unknown): void {
  command.start = () => {
    if (command.onResult === undefined) command.emit('error', error)
    else command.onResult(error)
    return null
  }
}

/**
 * Ends a ticket with the command: with the server's whole answer, or with an error.
 *
 * @returns what ends it when the connection closes, of which mysql2 does not tell every command.
 */
export function endWithCommand(gate: Gate, ticket: Ticket, command: MysqlCommand, onOver: () => void): () => void {
  let isOver = false
  const end = (outcome: Outcome): void => {
    if (isOver) return
    isOver = true
    ticket.end(outcome)
    onOver()
  }
  const { onResult } = command
  if (onResult !== undefined) {
    command.onResult = (error, ...rest) => {
      if (error) end(gate.outcomeOf(error))
      return onResult(error, ...rest)
    }
  }
  // The monitor leaves an error without a listener as fatal as it was.
  command.once(errorMonitor, (error: unknown) => end(gate.outcomeOf(error)))
  command.once('end', () => end('answered'))
  return () => end('unknown')
}
