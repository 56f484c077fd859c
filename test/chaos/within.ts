import { setTimeout as delay } from 'node:timers/promises'

/** The answer, or an error when it does not come in time: a run must see a hang instead of hanging itself. */
export function within<T>(ms: number, what: string, answer: Promise<T>): Promise<T> {
  const stop = new AbortController()
  const late = delay(ms, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`${what} did not answer within ${ms} ms`)
  })
  late.catch(() => {})
  return Promise.race([answer, late]).finally(() => stop.abort())
}
