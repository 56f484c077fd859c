import { delayBefore, type WaitOptions, waited } from './client-wait.ts'

/** What an answer to a refused write says; fields that the server does not know, or expose, are missing. */
export interface ReadOnlyAnswer {
  readonly status: number
  readonly detail?: string | undefined
  readonly freezeId?: string | undefined
  readonly epoch?: string | undefined
  readonly since?: string | undefined
  readonly expectedEnd?: string | undefined
  /** In seconds. */
  readonly retryAfter?: number | undefined
  readonly reason?: string | undefined
}

/** How long and how often a refused request is sent again. */
export interface RetryOptions extends WaitOptions {
  /** No longer than this in all; then the refusal is returned. Default 60 000. */
  readonly maxWaitMs?: number
  /** Called before each wait, e.g. to show a banner. */
  readonly onWait?: (about: { readonly response: Response; readonly delayMs: number; readonly attempt: number }) => void
}

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

const ONE_MINUTE_MS = 60_000

/**
 * Whether a response is Quiesce's answer to a refused write, by its `Quiesce-Mode` header.
 *
 * Across origins a browser shows the header only when the server exposes it (`Access-Control-Expose-Headers`); use
 * {@link readOnlyAnswer} where it doesn't.
 */
export function isReadOnlyResponse(response: {
  readonly status: number
  readonly headers: { get(name: string): string | null }
}): boolean {
  return response.status >= 400 && response.headers.get('quiesce-mode') === 'read-only'
}

/** What a response says about the refusal, from a copy of its body; `undefined` when it is no refused write. */
export async function readOnlyAnswer(response: Response): Promise<ReadOnlyAnswer | undefined> {
  if (response.ok) return undefined
  const problem = await problemIn(response)
  if (problem !== undefined && Reflect.get(problem, 'code') === 'QUIESCE_READ_ONLY') {
    // The status is the response's own; every other field is optional.
    return { ...problem, status: response.status }
  }
  return isReadOnlyResponse(response) ? { status: response.status } : undefined
}

/** The problem details of a response, if it has any that can still be read. */
async function problemIn(response: Response): Promise<object | undefined> {
  const type = response.headers.get('content-type') ?? ''
  if (response.bodyUsed || !type.startsWith('application/problem+json')) return undefined
  try {
    const problem: unknown = await response.clone().json()
    return typeof problem === 'object' && problem !== null ? problem : undefined
  } catch {
    // A page of somebody else, or cut off.
    return undefined
  }
}

/**
 * A `fetch` that waits while the cluster is read-only, and sends a refused request again.
 *
 * Only what may be sent twice: idempotent methods, and others with an `Idempotency-Key`; a body that is a stream is sent
 * once. It waits as long as `Retry-After` says, otherwise longer each time, and returns the last refusal when `maxWaitMs`
 * is over. Aborting the request's signal ends the wait with the signal's reason. Other responses and errors are untouched.
 *
 * @example
 * const patientFetch = retryWhenWritable(fetch)
 * await patientFetch('/orders/7', { method: 'PUT', body })
 */
export function retryWhenWritable(
  fetch: Fetch,
  { maxWaitMs = ONE_MINUTE_MS, onWait, ...waiting }: RetryOptions = {},
): Fetch {
  return async (input, init) => {
    if (!mayRepeat(input, init)) return fetch(input, init)
    const signal = init?.signal ?? signalOf(input)
    let leftMs = maxWaitMs
    for (let attempt = 1; ; attempt++) {
      // A request's body can be sent once, so that a copy goes out.
      const response = await fetch(input instanceof Request ? input.clone() : input, init)
      const refusal = await readOnlyAnswer(response)
      if (refusal === undefined) return response
      const delayMs = delayBefore(attempt, response.headers.get('retry-after') ?? refusal.retryAfter, waiting)
      leftMs -= delayMs
      if (leftMs < 0) return response
      onWait?.({ response, delayMs, attempt })
      response.body?.cancel().catch(() => {})
      await waited(delayMs, signal)
    }
  }
}

function signalOf(input: string | URL | Request): AbortSignal | undefined {
  return input instanceof Request ? input.signal : undefined
}

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY'])

function mayRepeat(input: string | URL | Request, init: RequestInit | undefined): boolean {
  const request = input instanceof Request ? input : undefined
  const { body } = init ?? {}
  const isStream =
    typeof body === 'object' && body !== null && (body instanceof ReadableStream || Symbol.asyncIterator in body)
  if (isStream || request?.bodyUsed) return false
  const method = (init?.method ?? request?.method ?? 'GET').toUpperCase()
  return idempotent.has(method) || new Headers(init?.headers ?? request?.headers).has('idempotency-key')
}
