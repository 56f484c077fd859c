import type { Attributes } from './metrics.ts'
import { createNameBound } from './name-bound.ts'

/** What a write is aimed at; the same object for the same names, so that its labels are made once. */
export type Target = Attributes

const MOST_NAMES = 200

/** Gives the target of a table and an operation; a bounded number of them. */
export function createTargets(): (table: string | undefined, operation: string) => Target {
  const boundTable = createNameBound(MOST_NAMES)
  const boundOperation = createNameBound(MOST_NAMES)
  const byOperation = new Map<string, Map<string | undefined, Target>>()
  return (table, operation) => {
    const on = table === undefined ? undefined : boundTable(table)
    const does = boundOperation(operation)
    const known = byOperation.get(does) ?? new Map<string | undefined, Target>()
    let target = known.get(on)
    if (target === undefined) {
      target = { ...(on === undefined ? {} : { 'db.collection.name': on }), 'db.operation.name': does }
      known.set(on, target)
      byOperation.set(does, known)
    }
    return target
  }
}

/** Makes the attributes of a few kinds of decisions for each target once: a storm of refusals makes no objects. */
export function createLabels(make: (kind: string, target: Target) => Attributes): typeof make {
  const made = new WeakMap<Target, Map<string, Attributes>>()
  return (kind, target) => {
    let ofTarget = made.get(target)
    if (ofTarget === undefined) {
      ofTarget = new Map()
      made.set(target, ofTarget)
    }
    let attributes = ofTarget.get(kind)
    if (attributes === undefined) {
      attributes = make(kind, target)
      ofTarget.set(kind, attributes)
    }
    return attributes
  }
}
