import type { Clock } from '../domain/clock.ts'
import type { FenceRefusal } from '../domain/fence-refusal.ts'
import type { Enforcement } from '../domain/node-record.ts'
import { ReadOnlyError, type RefusalCause, type RefusedWrite } from '../domain/read-only-error.ts'
import type { FreezeRecord } from '../domain/snapshot.ts'
import type { Restrictions } from './restrictions.ts'

/** What refusals are made with. */
export interface RefusalOptions {
  readonly clock: Clock
  readonly http: { readonly status: number | 'auto' }
  readonly enforcement?: Enforcement | undefined
  readonly onRefused?: ((error: ReadOnlyError) => void) | undefined
  /** Something that would have been refused was let pass. */
  readonly onReported?: ((error: ReadOnlyError) => void) | undefined
}

/** More than the frames of an ORM and a driver, so that the application's are among them. */
const FRAMES = 60

/** Makes the errors of one gate, and throws them, or only tells of them. */
export class Refusals {
  readonly reportsOnly: boolean
  readonly #options: RefusalOptions
  readonly #restrictions: () => Restrictions

  /** `restrictions` gives those in force when a refusal is made. */
  constructor(options: RefusalOptions, restrictions: () => Restrictions) {
    this.#options = options
    this.#restrictions = restrictions
    this.reportsOnly = options.enforcement === 'report'
  }

  /** The error for a layer that throws it itself. */
  error(write: RefusedWrite, freeze: FreezeRecord | undefined, because: RefusalCause): ReadOnlyError {
    const error = this.#make(write, freeze, because)
    this.#options.onRefused?.(error)
    return error
  }

  /** Throws; returns, after it has told, where nothing is refused. */
  refuse(write: RefusedWrite, freeze: FreezeRecord | undefined, because: RefusalCause): void {
    if (!this.reportsOnly) throw this.error(write, freeze, because)
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = FRAMES
    try {
      this.#options.onReported?.(this.#make(write, freeze, because))
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
  }

  /** The error for a write that the database itself refused: this node had admitted it, or had not heard of the freeze yet. */
  byFence(refusal: FenceRefusal, cause: unknown): ReadOnlyError {
    const { freezeId, reason, operation = 'write', table } = refusal
    const { clock, http } = this.#options
    const restrictions = this.#restrictions()
    const freeze = restrictions.freezes.find(({ id }) => id === freezeId)
    const context = {
      ...restrictions.contextOf(freeze, 'freeze', http, clock.wallMs()),
      freezeId,
      reason: freeze?.reason ?? reason,
    }
    const error = new ReadOnlyError({ operation, table }, context, { cause })
    this.#options.onRefused?.(error)
    return error
  }

  #make(write: RefusedWrite, freeze: FreezeRecord | undefined, because: RefusalCause): ReadOnlyError {
    const { clock, http } = this.#options
    return new ReadOnlyError(write, this.#restrictions().contextOf(freeze, because, http, clock.wallMs()))
  }
}
