import type { GateMode } from '../domain/admission.ts'
import type { Clock } from '../domain/clock.ts'
import type { Lease } from '../domain/lease.ts'

/** The mode that the node of a gate is in, for how long it may be believed, and who is told when it changes. */
export class CurrentMode {
  isStarting = true
  value: GateMode = 'starting'
  /** What `value` says, for each admission: strings would have to be read to be compared. */
  #isReadWrite = false
  readonly #clock: Clock
  readonly #lease: Lease
  readonly #listeners = new Set<(mode: GateMode) => void>()

  constructor(clock: Clock, lease: Lease) {
    this.#clock = clock
    this.#lease = lease
  }

  get isFrozen(): boolean {
    return this.value === 'draining' || this.value === 'read-only'
  }

  /** Whether everything may be written at this moment of the monotonic clock, which is now: both clocks vouch for the mode. */
  isOpenAt(now: number): boolean {
    return this.#isReadWrite && now < this.#lease.monotonicEndMs && this.#clock.wallMs() < this.#lease.wallEndMs
  }

  set(mode: GateMode): void {
    if (this.value === mode) return
    this.value = mode
    this.isStarting = mode === 'starting'
    this.#isReadWrite = mode === 'read-write'
    for (const listener of this.#listeners) listener(mode)
  }

  /** Calls `listener` after each change; returns what removes it. */
  onChange(listener: (mode: GateMode) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
