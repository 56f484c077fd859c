import { EventEmitter } from 'node:events'
import type { Gate } from '@quiesce/core/adapter'
import type { GuardedClient, GuardedClients, PoolGuard } from './client-guard.ts'
import { isRestricted } from './guard-context.ts'
import { bringsSql, endWithCommand, isStatement, type MysqlCommand, refuseCommand, textOf } from './mysql-command.ts'
import type { Patches } from './patches.ts'
import { takeAnnounced } from './sender.ts'

/** Tells a pool of mysql2 from others; the older driver `mysql` has no `execute()`. */
export function isMysqlPool(pool: EventEmitter): boolean {
  return ['execute', 'getConnection', 'releaseConnection'].every((name) => name in pool)
}

/**
 * Guards pools of mysql2 by the queue of each connection, through which every command goes, whoever has made it:
 * `query()` and `execute()` of a connection or of the pool, their promises, and prepared statements.
 */
export function mysqlPoolGuard(gate: Gate, patches: Patches): PoolGuard {
  function guardClient(client: object, guarded: GuardedClient): void {
    const inFlight = new Set<() => void>()
    /** Commands that were decided on and come to the queue for the second time. */
    const decided = new WeakSet<MysqlCommand>()
    let given: string | undefined
    let values: unknown

    // The queue sees the text with its values, so an announcement is recognised by what `query()` was given.
    patches.replaceTransient(client, 'query', (query) => (args) => {
      given = givenText(args[0])
      values = args
      try {
        return query(args)
      } finally {
        given = undefined
        values = undefined
      }
    })
    patches.replaceTransient(client, 'addCommand', (add) => (args) => {
      const [command] = args
      if (!isStatement(command) || decided.has(command)) return add(args)
      if (wasAdmitted()) return add(args)
      if (!gate.isStarting) return decide(command)
      gate.whenReady(textOf(command)).then(
        // Braces: what a command has as `then` is a trap for those who await it.
        () => {
          decide(command)
        },
        (error: unknown) => refuse(command, error),
      )
      return command
    })
    const { stream } = Object(client)
    if (stream instanceof EventEmitter) {
      stream.once('close', () => {
        for (const lose of inFlight) lose()
      })
    }

    /** Whether the query runner has asked already: for the text without its values, which may bring text of their own. */
    function wasAdmitted(): boolean {
      if (given === undefined || !takeAnnounced(guarded.connection.announced, given)) return false
      return !isRestricted(gate) || !bringsSql(values)
    }

    function decide(command: MysqlCommand): unknown {
      try {
        const ticket = guarded.connection.session.admit(textOf(command))
        const lose = endWithCommand(gate, ticket, command, () => inFlight.delete(lose))
        inFlight.add(lose)
      } catch (error) {
        // Not at once: who has made the command listens to it only then.
        process.nextTick(refuse, command, error)
        return command
      }
      return enqueue(command)
    }

    function refuse(command: MysqlCommand, error: unknown): void {
      refuseCommand(command, error)
      enqueue(command)
    }

    function enqueue(command: MysqlCommand): unknown {
      decided.add(command)
      // As the connection has it now: a closed one has replaced it by what tells so.
      return (client as { addCommand(command: MysqlCommand): unknown }).addCommand(command)
    }
  }

  function guardPool(pool: EventEmitter, clients: GuardedClients): void {
    pool.on('acquire', clients.guard)
    patches.onUndo(() => pool.off('acquire', clients.guard))
    // The event 'release' is not told when somebody waits for a connection, and 'acquire' neither.
    patches.replaceTransient(pool, 'releaseConnection', (release) => (args) => {
      const [client] = args
      if (typeof client === 'object' && client !== null) {
        clients.guard(client)
        clients.released(client)
      }
      return release(args)
    })
  }

  return { guardPool, guardClient }
}

function givenText(first: unknown): string | undefined {
  if (typeof first === 'string') return first
  const sql: unknown = Object(first).sql
  return typeof sql === 'string' ? sql : undefined
}
