import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresProcess } from './postgres-process.ts'

/** `fast` ends the sessions and shuts down cleanly; `immediate` leaves a crash to recover from. */
export type StopMode = 'fast' | 'immediate'

/** What to send, and how long to wait before the next step; a frozen backend can hold up a fast shutdown. */
const steps = {
  fast: [
    ['SIGINT', 5_000],
    ['SIGQUIT', 7_000],
    ['SIGKILL', 5_000],
  ],
  immediate: [
    ['SIGQUIT', 7_000],
    ['SIGKILL', 5_000],
  ],
} as const

/** Ends a server and waits for its end, with ever stronger signals. */
export async function stopProcess(process: PostgresProcess, mode: StopMode): Promise<void> {
  for (const [signal, waitMs] of steps[mode]) {
    process.kill(signal)
    if (await endsWithin(process, waitMs)) return
  }
}

async function endsWithin(process: PostgresProcess, waitMs: number): Promise<boolean> {
  const timer = new AbortController()
  // The timer also keeps this process alive: the server, being unreferenced, does not.
  const late = delay(waitMs, false, { signal: timer.signal }).catch(() => false)
  try {
    return await Promise.race([process.ended.then(() => true), late])
  } finally {
    timer.abort()
  }
}
