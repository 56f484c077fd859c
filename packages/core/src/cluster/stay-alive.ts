import type { Cancel, Clock } from '../domain/clock.ts'

const LOOK_MS = 1000

/** Idle control connections do not keep the process alive, so the end of it must not come before they are closed. */
export async function stayAliveFor(clock: Clock, work: () => Promise<void>): Promise<void> {
  let cancel: Cancel = () => {}
  const stay = (): void => {
    cancel = clock.schedule(LOOK_MS, stay, true)
  }
  stay()
  try {
    await work()
  } finally {
    cancel()
  }
}
