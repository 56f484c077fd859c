import { QuiesceError } from '../domain/errors.ts'
import type { EventHub } from './events.ts'
import type { Operations } from './operations.ts'

const observationKey = Symbol.for('quiesce.observation')

/** What instrumentation sees of a cluster besides its public side. */
export interface Observation {
  readonly events: EventHub
  readonly operations: Operations
  readonly namespace: string
  /** With which the names of the coordination tables begin. */
  readonly tablePrefix: string
  /** The writes in flight, whatever the mode, by table; `undefined` where their text does not tell it. */
  writesInFlight(): ReadonlyMap<string | undefined, number>
}

/** Lets a cluster carry its observation. */
export function carryObservation<T extends object>(holder: T, observation: Observation): T {
  return Object.defineProperty(holder, observationKey, { value: observation, enumerable: false })
}

/**
 * The observation of a cluster; works across two copies of the package.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` when `cluster` did not come from `createCluster()`.
 */
export function observationOf(cluster: object): Observation {
  const observation = (cluster as { readonly [observationKey]?: Observation })[observationKey]
  if (observation === undefined) {
    throw new QuiesceError(
      'QUIESCE_CONFIG',
      'Expected a cluster made by createCluster(), got something else. Pass the object that createCluster() returned.',
    )
  }
  return observation
}
