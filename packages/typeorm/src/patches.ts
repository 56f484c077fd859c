/** A method with its arguments as one list, so that handing them on costs no spreading. */
export type Call = (args: readonly unknown[]) => unknown

/** A method as it stands on its object. */
export type Method = (...args: readonly unknown[]) => unknown

/** Calls a method as it was found on its object; what is no promise counts as one that is fulfilled. */
export function promised(method: Method, target: object, args: readonly unknown[]): Promise<unknown> {
  const value: unknown = Reflect.apply(method, target, args)
  return value instanceof Promise ? value : Promise.resolve(value)
}

/** Methods that were replaced on single objects, never on prototypes, so that other data sources stay as they are. */
export interface Patches {
  /** False once they are undone. */
  readonly isActive: boolean
  /** Replaces a method until {@link undo}; a method that the object does not have is left out. */
  replace(target: object, name: string, make: (original: Call) => Call): void
  /** The same for objects that come and go: they are not remembered, after {@link undo} the replacement only forwards. */
  replaceTransient(target: object, name: string, make: (original: Call) => Call): void
  /**
   * As `replace`, for what each operation passes, where every layer is felt: `make` makes the whole function, which has to
   * forward by itself once the patches are undone.
   */
  replaceWhole(target: object, name: string, make: (found: Method) => Method): void
  /** As `replaceTransient`, with the whole function. */
  replaceWholeTransient(target: object, name: string, make: (found: Method) => Method): void
  onUndo(undo: () => void): void
  undo(): void
}

interface Replaced {
  readonly found: unknown
  readonly replacement: unknown
}

/** Makes an empty set of patches. */
export function createPatches(): Patches {
  const undos: (() => void)[] = []

  /** Puts a replacement in place and returns what was there. */
  function put(target: object, name: string, make: (found: Method) => Method): Replaced | undefined {
    // Taken from the instance, so what others have patched there keeps working.
    const found: unknown = Reflect.get(target, name)
    if (!isMethod(found)) return undefined
    const replacement = make(found)
    Reflect.set(target, name, replacement)
    return { found, replacement }
  }

  function switched(target: object, make: (original: Call) => Call): (found: Method) => Method {
    return (found) => {
      const original: Call = (args) => Reflect.apply(found, target, args)
      const guarded = make(original)
      return (...args) => (patches.isActive ? guarded(args) : original(args))
    }
  }

  function putUntilUndone(target: object, name: string, make: (found: Method) => Method): void {
    const isOwn = Object.hasOwn(target, name)
    const replaced = put(target, name, make)
    if (replaced === undefined) return
    undos.push(() => {
      // Somebody who has wrapped ours since keeps it; it only forwards now.
      if (Reflect.get(target, name) !== replaced.replacement) return
      if (isOwn) Reflect.set(target, name, replaced.found)
      else Reflect.deleteProperty(target, name)
    })
  }

  const patches: Patches & { isActive: boolean } = {
    isActive: true,
    replace: (target, name, make) => putUntilUndone(target, name, switched(target, make)),
    replaceTransient(target, name, make) {
      put(target, name, switched(target, make))
    },
    replaceWhole: putUntilUndone,
    replaceWholeTransient: put,
    onUndo(undo) {
      undos.push(undo)
    },
    undo() {
      patches.isActive = false
      for (const undo of undos.splice(0).reverse()) undo()
    },
  }
  return patches
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'function'
}
