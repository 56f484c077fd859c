import { openSync, writeSync } from 'node:fs'
import type { HistoryLine, Outcome } from '../chaos/history.ts'

/** Writes down each attempt before it is made and after it has ended, so that it outlives its process. */
export interface AttemptLog {
  begin(ids: readonly string[]): (outcome: Outcome) => void
}

/** Opens the log of one process; without a file, nothing is written. */
export function openAttemptLog(path: string | undefined): AttemptLog {
  if (path === undefined) return { begin: () => () => {} }
  const file = openSync(path, 'a')
  let count = 0
  const say = (line: HistoryLine): void => void writeSync(file, `${JSON.stringify(line)}\n`)
  return {
    begin(ids) {
      const attempt = count++
      say({ begin: attempt, ids, at: machineMs() })
      return (outcome) => say({ end: attempt, outcome, at: machineMs() })
    },
  }
}

/** Milliseconds of the machine's monotonic clock, which all of its processes share. */
export function machineMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}
