import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** What tells a process from every other, as far as a process can be told. */
export interface ProcessMark {
  readonly host: string
  readonly pid: number
  /** Names the PID namespace on Linux, so that containers with one host name are told apart; empty elsewhere. */
  readonly pidSpace: string
  /** Milliseconds since 1970, by a wall clock that may have been set since. */
  readonly startedAtMs: number
}

/** Whether the process behind a mark still runs. */
export type Liveness = 'running' | 'gone' | 'unknown'

/** A restarted container has the same host name and PID within seconds; a clock is hardly ever set by so much. */
const START_TOLERANCE_MS = 10_000

/** The mark of this process. */
export function ownMark(): ProcessMark {
  const startedAtMs = Math.round(Date.now() - process.uptime() * 1000)
  return { host: hostname(), pid: process.pid, pidSpace: pidSpace(), startedAtMs }
}

/** Judges another process; one on another host or in another container is beyond our sight. */
export function livenessOf(
  other: ProcessMark,
  own: ProcessMark,
  isRunning: (pid: number) => boolean = isProcessRunning,
): Liveness {
  if (other.host !== own.host || other.pidSpace !== own.pidSpace) return 'unknown'
  if (other.pid !== own.pid) return isRunning(other.pid) ? 'running' : 'gone'
  return Math.abs(other.startedAtMs - own.startedAtMs) < START_TOLERANCE_MS ? 'running' : 'gone'
}

function isProcessRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function pidSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
