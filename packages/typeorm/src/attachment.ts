import type { Gate } from '@quiesce/core/adapter'
import type { GuardContext } from './guard-context.ts'

const attachmentKey = Symbol.for('quiesce.typeorm.attachment')

/** What a guarded data source carries, so that it is guarded once, also by two copies of the package. */
export interface Attachment {
  readonly gate: Gate
  readonly context: GuardContext
  readonly detach: () => void
}

/** The guard of a data source, if it has one. */
export function attachmentOf(dataSource: object): Attachment | undefined {
  // Written only by `carryAttachment`, under a symbol of our own.
  return Reflect.get(dataSource, attachmentKey)
}

/** Marks a data source as guarded, or as not guarded any more. */
export function carryAttachment(dataSource: object, attachment: Attachment | undefined): void {
  Object.defineProperty(dataSource, attachmentKey, { value: attachment, enumerable: false, configurable: true })
}
