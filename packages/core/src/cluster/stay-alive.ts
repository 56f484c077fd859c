import type { Cancel, Clock } from '../domain/clock.ts'

const LOOK_MS = 1000

/** Idle control connections do not keep the process alive, so the end of it must not come before they are closed. */
export async function stayAliveFor<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  let cancel: Cancel = () => {}
  const stay = (): void => {
    cancel = clock.schedule(LOOK_MS, stay, true)
  }
  stay()
  try {
    return await work()
  } finally {
    cancel()
  }
}
