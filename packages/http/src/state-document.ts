import type { ClusterState } from '@quiesce/core'
import { writesReturnAt } from '@quiesce/core/adapter'
import { messageOf } from './problem.ts'
import type { StateOptions } from './state-options.ts'

/** The state of the node for user interfaces; times are ISO 8601. */
export interface StateDocument {
  readonly mode: ClusterState['mode']
  /** Whether writes are accepted at this moment. */
  readonly writable: boolean
  readonly health: ClusterState['health']
  readonly epoch?: string | undefined
  /** For a banner; left out while writes are accepted. */
  readonly message?: string | undefined
  /** Since when writes are refused. */
  readonly since?: string | undefined
  /** When writes are expected back; left out when a freeze does not say. */
  readonly expectedEnd?: string | undefined
  /** Why, with `expose: true`. */
  readonly reasons?: readonly string[] | undefined
}

/** The document, and a tag that changes exactly when it does. */
export interface TaggedState {
  readonly document: StateDocument
  /** As an `ETag`, with its quotes. */
  readonly tag: string
}

/** Describes what a node knows. */
export function describeState(
  state: ClusterState,
  options: Pick<StateOptions, 'message' | 'expose' | 'logger'>,
): TaggedState {
  const { mode, health, epoch, freezes } = state
  const writable = mode === 'read-write'
  const expectedEnd = writesReturnAt(freezes)
  const begun = freezes.map(({ since }) => since.getTime())
  const document = {
    mode,
    writable,
    health,
    epoch,
    ...(writable ? {} : { message: messageOf(expectedEnd, options) }),
    since: begun.length === 0 ? undefined : new Date(Math.min(...begun)).toISOString(),
    expectedEnd: expectedEnd?.toISOString(),
    ...(options.expose ? { reasons: freezes.map(({ reason }) => reason) } : {}),
  }
  return { document, tag: `"${[mode, health, epoch ?? '', expectedEnd?.getTime() ?? ''].join('.')}"` }
}
