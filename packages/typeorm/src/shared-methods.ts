import type { Method, Patches } from './patches.ts'

/** What runs in the place of one method; `original` is what the object had there, to be called on `target`. */
export type Handler<T, S> = (state: S, target: T, original: Method, args: readonly unknown[]) => unknown

/** The same methods, replaced on many objects that come and go. */
export interface SharedMethods<T extends object, S> {
  /** What was given for an object whose methods are replaced. */
  stateOf(target: object): S | undefined
  /** Replaces the methods that the object has; once the patches are undone, the replacements only forward. */
  replaceOn(target: T, state: S): void
}

interface Replaced<S> {
  readonly state: S
  readonly originals: Record<string, Method>
}

/**
 * Makes replacements that are shared by all the objects they stand on and find by `this` whom they serve: an ORM that
 * makes an object for every statement would otherwise pay for new functions each time.
 */
export function createSharedMethods<T extends object, S>(
  patches: Patches,
  handlers: Readonly<Record<string, Handler<T, S>>>,
): SharedMethods<T, S> {
  // Of its own, so that the guards of two data sources can stand on one object.
  const key = Symbol('quiesce.typeorm.replaced')
  type Carrier = Record<string, unknown> & { [key]?: Replaced<S> }
  const carrierOf = (target: object): Carrier => target as Carrier

  const replacements = Object.entries(handlers).map(([name, handler]) => {
    function replacement(this: T, ...args: readonly unknown[]): unknown {
      const { state, originals } = carrierOf(this)[key] as Replaced<S>
      const original = originals[name] as Method
      return patches.isActive ? handler(state, this, original, args) : Reflect.apply(original, this, args)
    }
    return [name, replacement] as const
  })

  return {
    stateOf: (target) => carrierOf(target)[key]?.state,
    replaceOn(target, state) {
      const carrier = carrierOf(target)
      const originals: Record<string, Method> = {}
      for (const [name, replacement] of replacements) {
        // Taken from the instance, so what others have patched there keeps working.
        const found = carrier[name]
        if (typeof found !== 'function') continue
        originals[name] = found as Method
        carrier[name] = replacement
      }
      carrier[key] = { state, originals }
    },
  }
}
