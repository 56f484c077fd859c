import type { FenceSpec } from './fence.ts'

/** What a fence's refusal says, read from the error of a driver or an ORM. */
export interface FenceRefusal {
  /** `undefined` where the database does not tell whose it is. */
  readonly freezeId: string | undefined
  readonly reason: string | undefined
  /** Left out where the error that reached us does not tell. */
  readonly operation?: string | undefined
  /** As `schema.table`; left out alike. */
  readonly table?: string | undefined
}

/** No freeze has it: what a refusal names when it cannot know one. */
export const NO_FREEZE = '00000000-0000-0000-0000-000000000000'

/** The beginning of every refusal by a fence, by which it is recognised. */
const MARKER = 'quiesce fence:'
const pattern = /quiesce fence: the cluster is read-only: ([\s\S]*?) \(freeze ([0-9a-f-]{36})\)/
const detailPattern = /^(\w+) on (\S+) was refused/

/**
 * The message of a refusal: the same on every database, so that people and programs recognise it. A database whose
 * messages are shorter is given a shorter reason.
 */
export function refusalMessage({ freezeId, reason }: Pick<FenceSpec, 'freezeId' | 'reason'>): string {
  return `${MARKER} the cluster is read-only: ${reason} (freeze ${freezeId})`
}

/** The refusal in an error, or in what it wraps; `undefined` when there is none. */
export function readRefusal(error: unknown): FenceRefusal | undefined {
  let refusal: FenceRefusal | undefined
  for (let at: unknown = error, depth = 0; typeof at === 'object' && at !== null && depth < 4; depth += 1) {
    const { message, originalMessage, detail, driverError, cause } = at as Record<string, unknown>
    const [, reason, freezeId] = pattern.exec(`${originalMessage ?? message}`) ?? []
    if (reason !== undefined && freezeId !== undefined) refusal ??= { freezeId, reason }
    // What wraps an error has its message, and not always its detail.
    const [, operation, table] = detailPattern.exec(`${detail}`) ?? []
    if (refusal !== undefined && operation !== undefined)
      return { ...refusal, operation: operation.toLowerCase(), table }
    at = driverError ?? cause
  }
  return refusal
}
