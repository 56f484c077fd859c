import { setTimeout as delay } from 'node:timers/promises'
import type { StopStep } from './server-kind.ts'
import type { ServerProcess } from './server-process.ts'

/** Ends a server and waits for its end, with ever stronger signals. */
export async function stopProcess(process: ServerProcess, steps: readonly StopStep[]): Promise<void> {
  for (const [signal, waitMs] of steps) {
    process.kill(signal)
    if (await endsWithin(process, waitMs)) return
  }
}

async function endsWithin(process: ServerProcess, waitMs: number): Promise<boolean> {
  const timer = new AbortController()
  // The timer also keeps this process alive: the server, being unreferenced, does not.
  const late = delay(waitMs, false, { signal: timer.signal }).catch(() => false)
  try {
    return await Promise.race([process.ended.then(() => true), late])
  } finally {
    timer.abort()
  }
}
