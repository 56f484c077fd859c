import type { QueryRunnerLike } from './data-source-like.ts'
import type { Method, Patches } from './patches.ts'

/** The methods of a query runner that are replaced. */
export type MethodName = 'query' | 'stream' | 'connect' | 'release'

/** What runs in the place of one method; `original` is what the runner had there, to be called on `runner`. */
export type Handler<S> = (state: S, runner: QueryRunnerLike, original: Method, args: readonly unknown[]) => unknown

/** The replaced methods of the query runners of one data source. */
export interface RunnerMethods<S> {
  /** What was given for a runner whose methods are replaced. */
  stateOf(runner: object): S | undefined
  /** Replaces the methods; once the patches are undone, the replacements only forward. */
  replaceOn(runner: object, state: S): void
}

type Originals = Readonly<Record<MethodName, Method | undefined>>
type Replaced<S> = Originals & { readonly state: S }

/**
 * Makes replacements that are shared by all the runners they stand on and find by `this` whom they serve: TypeORM makes
 * a runner for every operation, which would otherwise pay for new functions each time.
 */
export function createRunnerMethods<S>(
  patches: Patches,
  handlers: Readonly<Record<MethodName, Handler<S>>>,
): RunnerMethods<S> {
  // Of its own, so that the guards of two data sources can stand on one runner.
  const key = Symbol('quiesce.typeorm.replaced')
  type Carrier = { -readonly [name in MethodName]?: Method | undefined } & { [key]?: Replaced<S> }
  const carrierOf = (runner: object): Carrier => runner

  function replacementOf(name: MethodName): Method {
    const handler = handlers[name]
    return function replacement(this: QueryRunnerLike, ...args: readonly unknown[]): unknown {
      const replaced = carrierOf(this)[key] as Replaced<S>
      const original = replaced[name] as Method
      return patches.isActive ? handler(replaced.state, this, original, args) : Reflect.apply(original, this, args)
    }
  }
  const query = replacementOf('query')
  const stream = replacementOf('stream')
  const connect = replacementOf('connect')
  const release = replacementOf('release')

  return {
    stateOf: (runner) => carrierOf(runner)[key]?.state,
    // Name by name and not in a loop, which is ten times as slow: this is a part of each operation.
    replaceOn(runner, state) {
      const carrier = carrierOf(runner)
      // Taken from the instance, so what others have patched there keeps working.
      const found = {
        state,
        query: carrier.query,
        stream: carrier.stream,
        connect: carrier.connect,
        release: carrier.release,
      }
      carrier[key] = found
      if (found.query !== undefined) carrier.query = query
      if (found.stream !== undefined) carrier.stream = stream
      if (found.connect !== undefined) carrier.connect = connect
      if (found.release !== undefined) carrier.release = release
    },
  }
}
