import type { GateMode } from '../domain/admission.ts'
import type { Clock } from '../domain/clock.ts'
import type { Enforcement } from '../domain/node-record.ts'
import { ReadOnlyError, type RefusalCause, type RefusedWrite } from '../domain/read-only-error.ts'
import type { FreezeRecord } from '../domain/snapshot.ts'
import type { Restrictions } from './restrictions.ts'
import { type ServerRefusals, serverRefusal } from './server-refusal.ts'

/** What refusals are made with. */
export interface RefusalOptions extends ServerRefusals {
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

  /** The error for a layer that throws it itself; `cause` is what the database said. */
  error(
    write: RefusedWrite,
    freeze: Partial<FreezeRecord> | undefined,
    because: RefusalCause,
    cause?: unknown,
  ): ReadOnlyError {
    const error = this.#make(write, freeze, because, cause)
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

  /** The error for a write that the server itself refused, by a fence or a read-only session. */
  inServerError(error: unknown, mode: GateMode, because: RefusalCause): ReadOnlyError | undefined {
    // A transaction that the application itself began read-only is refused in read-write mode too.
    const belt = mode === 'read-write' ? undefined : this.#options.belt
    const refusal = serverRefusal(error, { ...this.#options, belt }, this.#restrictions().freezes)
    return refusal && this.error(refusal.write, refusal.freeze, because, error)
  }

  #make(
    write: RefusedWrite,
    freeze: Partial<FreezeRecord> | undefined,
    because: RefusalCause,
    cause?: unknown,
  ): ReadOnlyError {
    const { clock, http } = this.#options
    const context = this.#restrictions().contextOf(freeze, because, http, clock.wallMs())
    return new ReadOnlyError(write, context, cause === undefined ? undefined : { cause })
  }
}
