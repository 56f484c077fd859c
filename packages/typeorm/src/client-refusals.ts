import { type Gate, isReadOnlyError } from '@quiesce/core/adapter'
import type { DataSourceLike } from './data-source-like.ts'
import type { Patches } from './patches.ts'
import { putIn, takeOut } from './subscribers.ts'

/**
 * Lets what a guarded client refuses reach whoever has called a query runner as it is.
 *
 * TypeORM wraps what a driver throws in a `QueryFailedError`, behind its event `afterQuery`: what a subscriber throws there
 * takes its place. It is registered by the first refusal, so that a statement pays nothing for it before, and taken out
 * when everything may be written again.
 */
export interface ClientRefusals {
  /** To be called before a client rejects with a `ReadOnlyError`. */
  expect(): void
}

/** Makes it for one data source. */
export function createClientRefusals(gate: Gate, patches: Patches, dataSource: DataSourceLike): ClientRefusals {
  const subscriber = {
    afterQuery({ error }: { readonly error?: unknown }): void {
      if (isReadOnlyError(error)) throw error
    },
  }

  const forget = (): void => takeOut(dataSource, subscriber)
  patches.onUndo(gate.onModeChange((mode) => mode === 'read-write' && forget()))
  patches.onUndo(forget)
  return { expect: () => putIn(dataSource, subscriber, 'last') }
}
