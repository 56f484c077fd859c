/** A callback of node-postgres. */
export type QueryCallback = (error: unknown, result?: unknown) => void

/** An object that talks to the connection itself: a cursor, a query stream, COPY. */
export interface Submittable {
  handleError(error: unknown, connection?: unknown): void
  handleReadyForQuery(connection?: unknown): void
}

/** One call of `client.query()`, in whichever of its shapes it was made. */
export type QueryCall =
  | { readonly shape: 'promise'; readonly sql: string }
  | {
      readonly shape: 'callback'
      readonly sql: string
      readonly callback: QueryCallback
      /** The same call with another callback. */
      readonly argsWith: (callback: QueryCallback) => readonly unknown[]
    }
  | { readonly shape: 'submittable'; readonly sql: string; readonly submittable: Submittable }

/** Stands for a statement whose text nobody can see, e.g. one that was prepared by name; it is never taken for a read. */
const UNSEEN = 'unseen statement'

/** Reads the arguments of `client.query()` or `pool.query()`. */
export function readQueryCall(args: readonly unknown[]): QueryCall {
  const [first] = args
  const sql = textOf(first)
  if (isSubmittable(first)) return { shape: 'submittable', sql, submittable: first }
  const index = args.findIndex((argument) => typeof argument === 'function')
  const found = index === -1 ? callbackIn(first) : args[index]
  if (!isCallback(found)) return { shape: 'promise', sql }
  const argsWith =
    index === -1
      ? (callback: QueryCallback) => [{ ...Object(first), callback }, ...args.slice(1)]
      : (callback: QueryCallback) => args.with(index, callback)
  return { shape: 'callback', sql, callback: found, argsWith }
}

/** The text of what is given as the first argument. */
export function textOf(config: unknown): string {
  if (typeof config === 'string') return config
  if (typeof config !== 'object' || config === null) return UNSEEN
  if ('text' in config && typeof config.text === 'string') return config.text
  // pg-query-stream keeps the text in the cursor that it wraps.
  return 'cursor' in config ? textOf(config.cursor) : UNSEEN
}

function callbackIn(config: unknown): unknown {
  return typeof config === 'object' && config !== null && 'callback' in config ? config.callback : undefined
}

function isCallback(value: unknown): value is QueryCallback {
  return typeof value === 'function'
}

function isSubmittable(value: unknown): value is Submittable {
  return typeof value === 'object' && value !== null && 'submit' in value && typeof value.submit === 'function'
}
