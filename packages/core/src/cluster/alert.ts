import pRetry from 'p-retry'
import type { EventHub } from './events.ts'

/** How soon somebody should look. */
export type AlertSeverity = 'info' | 'warning' | 'critical'

/** Something that people should know of, in words and as data. */
export interface Alert {
  readonly severity: AlertSeverity
  /** A stable name, e.g. `holder-lost`. */
  readonly kind: string
  /** What happened, what the cluster does about it, and what to do where it can do nothing. */
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Where alerts go besides `on('alert')`. */
export interface AlertOptions {
  /** Gets each alert as a JSON object by POST. */
  readonly webhook: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Attempts after the first, with growing pauses. */
  readonly retries: number
  readonly timeoutMs: number
}

/** Which cluster an alert comes from. */
export interface AlertSource {
  readonly namespace: string
  readonly application: string
  readonly nodeId: string
}

/** Sends alerts. */
export interface Alerts {
  raise(alert: Alert): void
  /** Gives up what has not been delivered. */
  close(): void
}

/** More than these wait for nobody: the newest are dropped, and a `warning` says so. */
const MAX_WAITING = 100

/** Makes the alerts of one cluster object: an event each, and a bounded, retried POST where a webhook is configured. */
export function createAlerts(events: EventHub, source: () => AlertSource, webhook: AlertOptions | undefined): Alerts {
  const closing = new AbortController()
  let waiting = 0
  const warn = (message: string, error: unknown): void => events.emit('warning', { message, error })
  const deliver = async (options: AlertOptions, alert: Alert): Promise<void> => {
    const body = JSON.stringify({ ...source(), ...alert, at: new Date().toISOString() })
    await pRetry(() => post(options, body, closing.signal), {
      retries: options.retries,
      minTimeout: 200,
      maxTimeout: 10_000,
      randomize: true,
      signal: closing.signal,
    })
  }
  return {
    raise(alert) {
      events.emit('alert', alert)
      if (webhook === undefined || closing.signal.aborted) return
      if (waiting >= MAX_WAITING) {
        warn(`an alert (${alert.kind}) was not sent: ${MAX_WAITING} others wait for the webhook`, undefined)
        return
      }
      waiting += 1
      deliver(webhook, alert)
        .catch((error: unknown) => {
          if (!closing.signal.aborted) warn(`an alert (${alert.kind}) could not be delivered to the webhook`, error)
        })
        .finally(() => {
          waiting -= 1
        })
    },
    close: () => closing.abort(),
  }
}

class Undelivered extends Error {}

async function post({ webhook, headers, timeoutMs }: AlertOptions, body: string, closing: AbortSignal): Promise<void> {
  const response = await fetch(webhook, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), closing]),
  }).catch((error: unknown) => {
    // A TypeError of fetch is a network error; p-retry takes other TypeErrors for programming errors.
    throw new Undelivered('the webhook could not be reached', { cause: error })
  })
  await response.body?.cancel()
  if (!response.ok) throw new Undelivered(`the webhook answered ${response.status}`)
}
