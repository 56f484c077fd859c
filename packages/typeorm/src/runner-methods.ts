import type { QueryRunnerLike } from './data-source-like.ts'
import type { Method, Patches } from './patches.ts'

/** The methods of a query runner that are replaced. */
export type MethodName = 'query' | 'stream' | 'connect' | 'release'

/** Makes what stands in the place of one method, for all runners that have `original` there; it finds them by `this`. */
export type Replace = (original: Method) => (this: QueryRunnerLike, ...args: readonly unknown[]) => unknown

/** Makes a replacement that only forwards once the patches are undone. */
export function whileActive(
  patches: Patches,
  handle: (runner: QueryRunnerLike, original: Method, args: readonly unknown[]) => unknown,
): Replace {
  return (original) =>
    function replacement(this: QueryRunnerLike, ...args: readonly unknown[]): unknown {
      return patches.isActive ? handle(this, original, args) : Reflect.apply(original, this, args)
    }
}

/** The replaced methods of the query runners of one data source. */
export interface RunnerMethods {
  /** Whether the statements of a runner pass the handlers. */
  isReplacedOn(runner: object): boolean
  /** Replaces `query` and `stream`; false where they are replaced already. */
  replaceStatements(runner: object): boolean
  /** Replaces `connect` and `release`. */
  replaceConnection(runner: object): void
}

type Methods = { [name in MethodName]?: Method | undefined }

/** Makes what stands in the place of one method. */
interface Replacer {
  /** Whether this method was the last one to be replaced. */
  isLast(original: Method | undefined): boolean
  of(original: Method): Method
}

/**
 * Makes replacements that are shared by all the runners of a class: TypeORM makes a runner for every operation, which
 * would otherwise pay for new functions each time. What others have patched on an instance is found there and keeps
 * working.
 */
export function createRunnerMethods(replace: Readonly<Record<MethodName, Replace>>): RunnerMethods {
  // Of its own, so that the guards of two data sources can stand on one runner.
  const key = Symbol('quiesce.typeorm.replaced')
  const carrierOf = (runner: object): Methods & { [key]?: true } => runner
  const made = new WeakSet<Method>()
  const query = replacer('query')
  const stream = replacer('stream')
  const connect = replacer('connect')
  const release = replacer('release')

  function replacer(name: MethodName): Replacer {
    let last: { readonly original: Method; readonly replacement: Method } | undefined
    return {
      isLast: (original) => original !== undefined && original === last?.original,
      of(original) {
        if (original !== last?.original) {
          last = { original, replacement: replace[name](original) }
          made.add(last.replacement)
        }
        return last.replacement
      },
    }
  }

  function isReplacedOn(runner: object): boolean {
    const carrier = carrierOf(runner)
    return carrier[key] !== undefined || (carrier.query !== undefined && made.has(carrier.query))
  }

  return {
    isReplacedOn,
    // Name by name and not in a loop, which is ten times as slow: this is a part of each operation.
    replaceStatements(runner) {
      const carrier = carrierOf(runner)
      // Nearly always it is the method of the runner's class, which tells without a look at the runner that it is not ours.
      if (!query.isLast(carrier.query)) {
        if (isReplacedOn(runner)) return false
        carrier[key] = true
      }
      if (carrier.query !== undefined) carrier.query = query.of(carrier.query)
      if (carrier.stream !== undefined) carrier.stream = stream.of(carrier.stream)
      return true
    },
    replaceConnection(runner) {
      const carrier = carrierOf(runner)
      if (carrier.connect !== undefined) carrier.connect = connect.of(carrier.connect)
      if (carrier.release !== undefined) carrier.release = release.of(carrier.release)
    },
  }
}
