import type { Gate } from '@quiesce/core/adapter'
import type { ClientInternals } from './client-internals.ts'
import { earlyRefusal } from './early-refusal.ts'
import type { GuardMark } from './guard-mark.ts'
import { readModels } from './model-map.ts'
import { requireGuard } from './require-guard.ts'

/** An operation on its way through a query extension. */
export interface HookedOperation {
  readonly model?: string | undefined
  readonly operation: string
  readonly args: unknown
  readonly query: (args: never) => Promise<unknown>
  /** Not public; where it is absent, every operation counts as one of an interactive transaction. */
  readonly __internalParams?: { readonly transaction?: { readonly kind?: string } | undefined }
}

/** The client underneath a hook. */
export interface HookedClient extends ClientInternals {
  $connect?(): Promise<void>
}

/**
 * Makes the query hook that refuses early: before any statement, naming model, fields and nested path.
 *
 * It only ever refuses what the statements would be refused for; everything else goes on to them.
 *
 * @throws QuiesceError `QUIESCE_GUARD_MISSING` when the client's statements are known to pass no guard.
 */
export function createWriteHook(gate: Gate, client: HookedClient): (operation: HookedOperation) => Promise<unknown> {
  const mark = requireGuard(client, gate)
  const models = readModels(client)
  return async ({ model, operation, args, query, __internalParams }) => {
    if (model === undefined || models === undefined) return query(args as never)
    // While the cluster drains, a transaction that has written may go on; which one an operation is of isn't told here.
    const isInteractive = __internalParams === undefined || __internalParams.transaction?.kind === 'itx'
    if (isInteractive && gate.mode !== 'read-only' && mayWrite(mark)) return query(args as never)
    if (gate.mode === 'read-write' || gate.mode === 'starting') return query(args as never)
    // Exemptions may name a schema, and which one the tables are in is known once the adapter has connected.
    if (mark?.connected === false) await client.$connect?.()
    const refused = earlyRefusal({ gate, models, schemaName: mark?.schemaName }, model, operation, args)
    if (refused !== undefined) throw gate.refuse(refused)
    return query(args as never)
  }
}

/** Whether an open transaction may still write, or was told to roll back; true also where nobody knows of them. */
function mayWrite(mark: GuardMark | undefined): boolean {
  if (mark === undefined) return true
  const open = Array.from(mark.open).flatMap((transactions) => transactions.sessions())
  return open.some(({ mayWrite, aborted }) => mayWrite || aborted)
}
