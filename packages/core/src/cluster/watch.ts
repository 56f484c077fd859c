import type { Clock } from '../domain/clock.ts'
import { type Logger, silentLogger } from '../domain/logger.ts'
import { logEvents } from './event-log.ts'
import { createEventHub, type EventHub, type EventSource } from './events.ts'
import { createFreezeWatch, type FreezeWatch } from './freeze-watch.ts'
import { createLockWatch, type LockWatch } from './lock-watch.ts'
import { createOperations, type Operations } from './operations.ts'

/** What tells others of what a process does: its listeners, channels, instrumentation and log. */
export interface Watch {
  readonly events: EventHub
  readonly operations: Operations
  readonly freezes: FreezeWatch
  readonly locks: LockWatch
}

/** Makes the watch of one process. */
export function createWatch(clock: Clock, logger: Logger | undefined, source: () => EventSource): Watch {
  const events = createEventHub(logger ?? silentLogger, source)
  const operations = createOperations(source)
  if (logger !== undefined) logEvents(events, logger, clock)
  const parts = { clock, events, operations }
  return { events, operations, freezes: createFreezeWatch(parts), locks: createLockWatch(parts) }
}
