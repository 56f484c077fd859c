import type { GateMode } from '../domain/admission.ts'

/** The mode that the node of a gate is in, and who is told when it changes. */
export class CurrentMode {
  /** What `value` says, for each admission: strings would have to be read to be compared. */
  isReadWrite = false
  isStarting = true
  value: GateMode = 'starting'
  readonly #listeners = new Set<(mode: GateMode) => void>()

  get isFrozen(): boolean {
    return this.value === 'draining' || this.value === 'read-only'
  }

  set(mode: GateMode): void {
    if (this.value === mode) return
    this.value = mode
    this.isStarting = mode === 'starting'
    this.isReadWrite = mode === 'read-write'
    for (const listener of this.#listeners) listener(mode)
  }

  /** Calls `listener` after each change; returns what removes it. */
  onChange(listener: (mode: GateMode) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
