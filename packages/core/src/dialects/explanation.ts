import type { ErrorKind } from '../domain/errors.ts'

/** What the coordination says of an error of a server, with the server's own message in it. */
export type Explanation = readonly [kind: ErrorKind, text: (message: string) => string]

/** Somebody else was in the way, for longer than an operation tries again. */
export const contended: Explanation = [
  'QUIESCE_CONTENDED',
  (message) =>
    `The server undid a statement of Quiesce because of what others did at the same time (${message}): a lock that they held, a deadlock, or a command to end it. Nothing of it was done; end what holds the lock, or try again.`,
]

/** No connection, or none any more. */
export const unreachable: Explanation = [
  'QUIESCE_DATABASE',
  (message) =>
    `The coordination database cannot be reached (${message}). Check the URL and the server; nodes resume by themselves when it answers.`,
]
