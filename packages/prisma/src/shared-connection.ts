import type { Admission, Gate, Ticket } from '@quiesce/core/adapter'
import type { OpenTransactions } from './open-transactions.ts'

/** The adapters that run everything on one connection, transactions as well as what is sent beside them. */
export function isSharedConnection(provider: string): boolean {
  return provider === 'sqlite'
}

/**
 * Admits statements beside the transactions of `open`, on whose connection they run: they become part of the one that is
 * open there and are committed with it, or never. So each is noted as that transaction's own too, and a drain waits for it.
 *
 * Which one has the connection is not known from outside, so every one that has begun to wait for it counts.
 */
export function besideTransactions(gate: Gate, open: OpenTransactions): Admission {
  return {
    note: () => undefined,
    admit(sql, wanted) {
      // What is admitted while writes are restricted needs no drain.
      if (open.isEmpty || gate.mode !== 'read-write') return gate.admit(sql, wanted)
      const tickets: Ticket[] = [...open.sessions().map((session) => session.admit(sql)), gate.admit(sql)]
      return {
        end(outcome) {
          for (const ticket of tickets) ticket.end(outcome)
        },
      }
    },
  }
}
