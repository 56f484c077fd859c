import type { GateMode } from '../domain/admission.ts'
import type { Belt, SessionAccess } from '../domain/belt.ts'
import type { Analysis } from '../sql/analysis.ts'
import { transactionControl } from '../sql/transaction-control.ts'

/**
 * What a session has to be before a statement that was admitted; `undefined` where it is all the same.
 *
 * A transaction that begins can't know what comes in it, so it is read-only only where nothing may be written (`writes`).
 */
export function sessionAccess(
  sql: string,
  mode: GateMode,
  analyze: (sql: string) => Analysis,
  writes: boolean,
): SessionAccess | undefined {
  if (mode === 'closed' || mode === 'starting') return undefined
  if (mode === 'read-write') return 'read-write'
  const control = transactionControl(sql)
  if (control === 'begin') return writes ? 'read-write' : 'read-only'
  if (control !== undefined) return undefined
  switch (analyze(sql).kind) {
    case 'read':
      return 'read-only'
    case 'session':
    case 'control':
      return undefined
    default:
      // Exempt writes, and locks, which a read-only transaction may not take.
      return 'read-write'
  }
}

/** Puts the belt on a driver's pool, and tells where that can't be done; returns what takes it off. */
export function wearBelt(
  { belt, onWarning = () => {} }: WearOptions,
  pool: object | undefined,
  accessFor: (sql: string) => SessionAccess | undefined,
): () => void {
  if (belt === undefined) return () => {}
  const takeOff = pool && belt.wear(pool, { accessFor, warn: onWarning })
  if (takeOff === undefined) onWarning(NO_BELT)
  return takeOff ?? (() => {})
}

interface WearOptions {
  readonly belt?: Belt | undefined
  readonly onWarning?: ((message: string, error?: unknown) => void) | undefined
}

const NO_BELT =
  "belt: 'session' is off for a pool of connections: only those of node-postgres, mysql2 and better-sqlite3 can be switched. The guards and the fence hold without it."
