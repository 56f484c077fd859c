import type { Gate, HeardMode, Session } from '@quiesce/core/adapter'
import type { ClientGuard } from './client-guard.ts'
import type { QueryRunnerLike } from './data-source-like.ts'
import type { Patches } from './patches.ts'
import type { QueryRunnerGuard } from './query-runner-guard.ts'
import type { Sender } from './sender.ts'

/** One connection as the guards see it. */
export interface GuardedConnection {
  readonly session: Session
  /**
   * Statements that the query runner has admitted and the client has not been given yet, so that the client's guard
   * lets them pass instead of counting them again; `undefined` where clients are not guarded.
   */
  readonly announced: string[] | undefined
}

/** What the guards of one data source are made of. */
export interface GuardParts {
  readonly gate: Gate
  readonly heard: HeardMode
  readonly patches: Patches
  readonly sender: Sender
  readonly clients: ClientGuard
}

/** What the guards of one data source share. */
export interface GuardContext extends GuardParts {
  readonly runners: QueryRunnerGuard
  /** Where query runners are noted while one of TypeORM's helpers is being called. */
  readonly opened: { into: QueryRunnerLike[] | undefined }
}

/** True where writes are restricted: not while everything may be written, and not before the node knows. */
export function isRestricted(gate: Gate): boolean {
  return !gate.isStarting && gate.mode !== 'read-write'
}
