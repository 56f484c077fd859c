import type { BeltWearer } from '../domain/belt.ts'
import type { ControlAction } from '../sql/analysis.ts'

/** What is known of one connection that wears a belt. */
export interface BeltedSession {
  /** Whether the session has to be made read-only (or not) before this statement; `undefined`: as it is. */
  before(sql: string): boolean | undefined
  /** The switch that was asked for last did not happen. */
  failed(): void
}

const RESETS = /^\s*(?:discard|reset\s+all)\b/i

/** Starts with a session as the application opened it. */
export function createBeltedSession(
  wearer: BeltWearer,
  controlIn: (sql: string) => ControlAction | undefined,
): BeltedSession {
  let isReadOnly = false
  let inTransaction = false

  function follow(sql: string): void {
    const control = controlIn(sql)
    if (control === 'begin') inTransaction = true
    else if (control === 'commit' || control === 'rollback') inTransaction = /\bchain\b/i.test(sql)
    else if (control === 'prepare-transaction') inTransaction = false
  }

  return {
    before(sql) {
      // Inside a transaction nothing can be switched any more; its BEGIN has decided.
      const access = inTransaction ? undefined : wearer.accessFor(sql)
      follow(sql)
      if (isReadOnly && RESETS.test(sql)) isReadOnly = false
      if (access === undefined || (access === 'read-only') === isReadOnly) return undefined
      isReadOnly = access === 'read-only'
      return isReadOnly
    },
    failed() {
      isReadOnly = !isReadOnly
    },
  }
}
