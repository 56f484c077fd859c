import type { QueryRunnerLike } from './data-source-like.ts'
import type { Method, Patches } from './patches.ts'

/** The methods of a query runner that are replaced. */
export type MethodName = 'query' | 'stream' | 'connect' | 'release'

/** What runs in the place of one method; `original` is what the runner had there, to be called on `runner`. */
export type Handler = (runner: QueryRunnerLike, original: Method, args: readonly unknown[]) => unknown

/** The replaced methods of the query runners of one data source; once the patches are undone, they only forward. */
export interface RunnerMethods {
  /** Whether the statements of a runner pass the handlers. */
  isReplacedOn(runner: object): boolean
  /** Replaces `query` and `stream`. */
  replaceStatements(runner: object): void
  /** Replaces `connect` and `release`. */
  replaceConnection(runner: object): void
}

/**
 * Makes replacements that are shared by all the runners they stand on and find by `this` whom they serve: TypeORM makes
 * a runner for every operation, which would otherwise pay for new functions each time.
 */
export function createRunnerMethods(patches: Patches, handlers: Readonly<Record<MethodName, Handler>>): RunnerMethods {
  // Of its own, so that the guards of two data sources can stand on one runner.
  const key = Symbol('quiesce.typeorm.replaced')
  type Methods = { -readonly [name in MethodName]?: Method | undefined }
  type Carrier = Methods & { [key]?: Methods }
  const carrierOf = (runner: object): Carrier => runner

  function replacementOf(name: MethodName): Method {
    const handler = handlers[name]
    return function replacement(this: QueryRunnerLike, ...args: readonly unknown[]): unknown {
      const original = carrierOf(this)[key]?.[name] as Method
      return patches.isActive ? handler(this, original, args) : Reflect.apply(original, this, args)
    }
  }
  const query = replacementOf('query')
  const stream = replacementOf('stream')
  const connect = replacementOf('connect')
  const release = replacementOf('release')

  // Name by name and not in a loop, which is ten times as slow: this is a part of each operation. What others have
  // patched on the instance is found there and keeps working.
  return {
    isReplacedOn: (runner) => carrierOf(runner)[key] !== undefined,
    replaceStatements(runner) {
      const carrier = carrierOf(runner)
      const found: Methods = { query: carrier.query, stream: carrier.stream, connect: undefined, release: undefined }
      carrier[key] = found
      if (found.query !== undefined) carrier.query = query
      if (found.stream !== undefined) carrier.stream = stream
    },
    replaceConnection(runner) {
      const carrier = carrierOf(runner)
      const found = carrier[key] ?? {}
      found.connect = carrier.connect
      found.release = carrier.release
      carrier[key] = found
      if (found.connect !== undefined) carrier.connect = connect
      if (found.release !== undefined) carrier.release = release
    },
  }
}
