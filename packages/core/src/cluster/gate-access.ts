import type { Gate } from '../domain/admission.ts'
import { QuiesceError } from '../domain/errors.ts'

const gateKey = Symbol.for('quiesce.gate')

/** Anything that carries a gate for adapters: a cluster. */
export interface GateHolder {
  /** @internal */
  readonly [gateKey]?: Gate
}

/** The property under which a cluster carries its gate. */
export function carryGate<T extends object>(holder: T, gate: Gate): T & GateHolder {
  return Object.defineProperty(holder, gateKey, { value: gate, enumerable: false }) as T & GateHolder
}

/**
 * The gate of a cluster, for adapters; works across two copies of the package.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` when `cluster` did not come from `createCluster()`.
 */
export function gateOf(cluster: object): Gate {
  const gate = (cluster as GateHolder)[gateKey]
  if (gate === undefined) {
    throw new QuiesceError(
      'QUIESCE_CONFIG',
      'Expected a cluster made by createCluster(), got something else. Pass the object that createCluster() returned.',
    )
  }
  return gate
}
