/** Every way in which Quiesce refuses or fails, as a stable string for handlers. */
export type ErrorKind =
  | 'QUIESCE_READ_ONLY'
  | 'QUIESCE_ACK_TIMEOUT'
  | 'QUIESCE_DRAIN_TIMEOUT'
  | 'QUIESCE_FREEZE_ENDED'
  | 'QUIESCE_NOT_HOLDER'
  | 'QUIESCE_LOCK_HELD'
  | 'QUIESCE_LEASE_LOST'
  | 'QUIESCE_STATE_LOST'
  | 'QUIESCE_CONFIG'
  | 'QUIESCE_SCHEMA'
  | 'QUIESCE_DATABASE'
  | 'QUIESCE_CONTENDED'
  | 'QUIESCE_CLOSED'
  | 'QUIESCE_ABORTED'
  | 'QUIESCE_GUARD_MISSING'
  | 'QUIESCE_FENCE'
  | 'QUIESCE_PREFLIGHT'
  | 'QUIESCE_RUN_FAILED'
  | 'QUIESCE_RUN_CANCELLED'
  | 'QUIESCE_RUN_TIMEOUT'
  | 'QUIESCE_RUN_STATE'
  | 'QUIESCE_VERIFY'

const brand = Symbol.for('quiesce.error')

/**
 * The base of every error that Quiesce throws; recognise it by `kind` or {@link isQuiesceError}, not by class identity,
 * because two copies of the package can be loaded at once.
 *
 * There is no `code` property on purpose: Prisma turns an error with a truthy `code` into its own error class.
 */
export class QuiesceError extends Error {
  readonly kind: ErrorKind
  /** The data that a handler needs, JSON-safe; what it holds is documented with each kind. */
  readonly data: Readonly<Record<string, unknown>>
  /** @internal */
  readonly [brand]: true = true

  constructor(kind: ErrorKind, message: string, data: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = 'QuiesceError'
    this.kind = kind
    this.data = data
  }
}

/** Tells whether `error` came from Quiesce, also from another copy of the package. */
export function isQuiesceError(error: unknown): error is QuiesceError {
  return typeof error === 'object' && error !== null && (error as { [brand]?: unknown })[brand] === true
}
