import type { LockRecord } from '@quiesce/core'
import { z } from 'zod'

/** One lock in a document. */
export const lockEntry = z.strictObject({
  name: z.string(),
  /** The fencing token of the current or last holder. */
  token: z.string(),
  /** The node that holds it; `null` when it is free. */
  holder: z.string().nullable(),
  owner: z.string().nullable(),
  acquiredAt: z.iso.datetime().nullable(),
  heldForMs: z.number().nullable(),
  /** Negative when the lease is over and the lock may be taken over. */
  leaseRemainingMs: z.number().nullable(),
})

/** What `quiesce locks --json` prints, and `quiesce release --json` for what it has freed. */
export const locksDocument = z.strictObject({
  schema: z.enum(['quiesce.locks/1', 'quiesce.released/1']),
  locks: z.array(lockEntry),
})

/** One lock as a document has it. */
export type LockEntry = z.output<typeof lockEntry>
/** What `quiesce locks --json` prints. */
export type LocksDocument = z.output<typeof locksDocument>

/** The document of these locks. */
export function locksDocumentOf(schema: LocksDocument['schema'], locks: readonly LockRecord[]): LocksDocument {
  return { schema, locks: locks.map(lockEntryOf) }
}

function lockEntryOf(lock: LockRecord): LockEntry {
  return {
    name: lock.name,
    token: lock.token,
    holder: lock.holder ?? null,
    owner: lock.owner ?? null,
    acquiredAt: lock.acquiredAt?.toISOString() ?? null,
    heldForMs: lock.heldForMs ?? null,
    leaseRemainingMs: lock.leaseRemainingMs ?? null,
  }
}
