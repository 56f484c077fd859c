import type { Belt } from '../domain/belt.ts'
import type { FenceRefusal } from '../domain/fence-refusal.ts'
import type { RefusedWrite } from '../domain/read-only-error.ts'
import type { FreezeRecord } from '../domain/snapshot.ts'

/** What recognises the database's own refusals. */
export interface ServerRefusals {
  readonly fenceRefusalOf?: ((error: unknown) => FenceRefusal | undefined) | undefined
  /** Left out where connections wear none. */
  readonly belt?: Belt | undefined
}

/** A write that the database refused, and the freeze behind it as far as it is known. */
export interface ServerRefusal {
  readonly write: RefusedWrite
  readonly freeze: Partial<FreezeRecord> | undefined
}

/** Reads the refusal of a fence or of a read-only session out of an error. */
export function serverRefusal(
  error: unknown,
  { fenceRefusalOf, belt }: ServerRefusals,
  freezes: readonly FreezeRecord[],
): ServerRefusal | undefined {
  const fence = fenceRefusalOf?.(error)
  if (fence !== undefined) {
    const { freezeId, reason, operation = 'statement', table } = fence
    if (freezeId === undefined || reason === undefined)
      return { write: { operation, table, why: 'by the database, where the schema is READ ONLY' }, freeze: freezes[0] }
    const freeze = freezes.find(({ id }) => id === freezeId) ?? { id: freezeId, reason }
    return { write: { operation, table, why: 'by the database’s fence' }, freeze }
  }
  if (belt?.isRefusal(error) !== true) return undefined
  return { write: { operation: 'statement', why: 'by the server, in a read-only session' }, freeze: freezes[0] }
}
