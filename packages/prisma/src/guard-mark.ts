import type { Gate } from '@quiesce/core/adapter'
import type { OpenTransactions } from './open-transactions.ts'

const guardedKey = Symbol.for('quiesce.guarded')

/** What a guarded driver adapter factory says of itself, so that the absence of a guard can be detected. */
export interface GuardMark {
  readonly gate: Gate
  /** Whether it has connected, from when on `schemaName` is known. */
  connected: boolean
  /** The transactions that are open, for each of its adapters. */
  readonly open: Set<OpenTransactions>
  /** The schema that Prisma puts before the tables of models that name none. */
  schemaName: string | undefined
}

/** Marks `factory` as guarded. */
export function markGuarded<F extends object>(factory: F, mark: GuardMark): F {
  return Object.defineProperty(factory, guardedKey, { value: mark, enumerable: false })
}

/** The mark of a guarded factory, also of one from another copy of the package. */
export function guardMarkOf(factory: object | undefined): GuardMark | undefined {
  return (factory as { readonly [guardedKey]?: GuardMark } | undefined)?.[guardedKey]
}
