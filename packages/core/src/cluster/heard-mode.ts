import type { Gate } from '../domain/admission.ts'

/** The mode that a node has heard last, for the price of reading a field: no clock is asked. */
export interface HeardMode {
  /**
   * True while everything may be written; also when the lease has just run out, which only a decision of the gate looks
   * at. So it may spare work and never a decision.
   */
  readonly isReadWrite: boolean
}

const heardBy = new WeakMap<Gate, { isReadWrite: boolean }>()

/** The mode that a gate's node has heard last, the same object for all who ask. */
export function heardMode(gate: Gate): HeardMode {
  const known = heardBy.get(gate)
  if (known !== undefined) return known
  const heard = { isReadWrite: gate.mode === 'read-write' }
  heardBy.set(gate, heard)
  // For as long as the gate lives, as many guards as there may be.
  gate.onModeChange((mode) => {
    heard.isReadWrite = mode === 'read-write'
  })
  return heard
}
