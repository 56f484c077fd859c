import QuickLRU from 'quick-lru'
import type { Clock } from '../domain/clock.ts'

const MOST_KEYS = 500

/** Lets one line per key pass in a while, and counts the others. */
export interface LineLimit {
  /** How many lines of this key were left out since the last one, or `undefined` when this one is to be left out too. */
  leftOut(key: string): number | undefined
  /** How many lines were left out and not told of; from here on every key may make a line again. */
  flush(): number
}

/** Makes a limit of one line per key in `everyMs`; it remembers a bounded number of keys. */
export function createLineLimit(clock: Clock, everyMs: number): LineLimit {
  const keys = new QuickLRU<string, { untilMs: number; leftOut: number }>({ maxSize: MOST_KEYS })
  return {
    leftOut(key) {
      const now = clock.monotonicMs()
      const last = keys.get(key)
      if (last !== undefined && now < last.untilMs) {
        last.leftOut += 1
        return undefined
      }
      keys.set(key, { untilMs: now + everyMs, leftOut: 0 })
      return last?.leftOut ?? 0
    },
    flush() {
      let leftOut = 0
      for (const [, key] of keys) leftOut += key.leftOut
      keys.clear()
      return leftOut
    },
  }
}
