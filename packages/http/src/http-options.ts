import type { Exemptions, Logger, ReadOnlyError } from '@quiesce/core'

/**
 * Which requests a rule speaks of: a path pattern (`/login`, `/tokens/:id`, `/auth/*rest`), a predicate on the framework's
 * request, or a pattern with methods.
 *
 * A predicate must answer at once; one that throws, or gives a promise, makes no request pass.
 */
export type RouteRule<R> =
  | string
  | ((request: R) => boolean)
  | {
      readonly path: string
      /** The methods that the rule speaks of, in upper case. Default: all. */
      readonly methods?: readonly string[]
    }

/** Which requests may write while the cluster is read-only. */
export type AllowRule<R> =
  | RouteRule<R>
  | {
      readonly path: string
      readonly methods?: readonly string[]
      /**
       * What the route writes, in the words of the cluster's `exempt`. The route then passes exactly while every active
       * freeze exempts all of it, so that the two lists cannot disagree.
       */
      readonly writes: Exemptions
    }

/** What a refusal says to the outside. */
export interface AnswerOptions {
  /**
   * The status. `'auto'`: 503 with `Retry-After` when an end is expected (or the node lost its lease), 403 otherwise.
   * Default: the cluster's `http.status`, which is 403.
   */
  readonly status?: number | 'auto' | ((error: ReadOnlyError) => number)
  /** Name reason, operation, table and model in the answer. Default false: they are not for the public. */
  readonly expose?: boolean
  /** What people read, in `detail`, the page and the state. Default: an English sentence. */
  readonly message?: string | ((about: { readonly expectedEnd: Date | undefined }) => string)
  /** The page for browsers, from the fields of the problem. Default: a small English page. */
  readonly page?: (problem: Readonly<Record<string, unknown>>) => string
  /** `Retry-After` is up to this share later than the expected end, so that clients do not all return at once. Default 0.2. */
  readonly retryAfterJitter?: number
  /** Pino-shaped. Default: silent. */
  readonly logger?: Logger
}

/** How requests are judged at the door, and refusals answered. */
export interface HttpOptions<R = unknown> extends AnswerOptions {
  /**
   * Requests that write and may: login, logout, token refresh. Matched case-sensitively, and never against a path that
   * routers read differently (dot segments, encoded slashes). What they write still meets the guard.
   */
  readonly allow?: readonly AllowRule<R>[]
  /** Requests with a safe method that write. Matched case-insensitively, in every way in which a router could read the path. */
  readonly treatAsWrite?: readonly RouteRule<R>[]
  /** The methods that only read. Default: those that the HTTP standards call safe. */
  readonly safeMethods?: readonly string[]
  /**
   * Headers and the query parameter by which the application lets a request override its method. They only ever make a
   * request stricter: a GET that says DELETE is a write, a POST that says GET too. Default: `x-http-method-override`,
   * `x-http-method`, `x-method-override`, and the parameter `_method`.
   */
  readonly methodOverride?: { readonly headers?: readonly string[]; readonly query?: string | false }
  /** Whether upgrades (websockets) count as writes. Default `'read'`: what comes through them meets the guard. */
  readonly upgrades?: 'read' | 'write'
  /** Refuse nothing; log what would be refused. Needs `logger`. Default false. */
  readonly reportOnly?: boolean
}
