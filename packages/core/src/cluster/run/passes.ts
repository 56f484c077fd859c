import { AsyncLocalStorage } from 'node:async_hooks'

/** Who may pass which freezes, for as long as it is true. */
export interface Pass {
  readonly freezeIds: ReadonlySet<string>
  /** False from the moment at which the run may not write any more. */
  readonly isValid: () => boolean
}

/** Lets what a run calls pass the guards of its own process, and nothing else of that process. */
export interface Passes {
  /** Runs `fn`; whatever it calls or awaits may pass. */
  within<T>(pass: Pass, fn: () => T): T
  /** The freezes that the caller of now may pass; asked by the gate while writes are refused. */
  current(): ReadonlySet<string> | undefined
}

/** Makes the passes of one cluster object. */
export function createPasses(): Passes {
  const context = new AsyncLocalStorage<Pass>()
  return {
    within: (pass, fn) => context.run(pass, fn),
    current() {
      const pass = context.getStore()
      return pass?.isValid() === true ? pass.freezeIds : undefined
    },
  }
}
