import type { Clock } from '../domain/clock.ts'
import type { FenceBackend, TableRef } from '../domain/fence.ts'
import { type FenceMark, markName } from '../domain/fence-mark.ts'
import type { EventHub } from './events.ts'
import { inSteps } from './fence-steps.ts'

/** Takes fences off again, whatever happens in between. */
export interface FenceLowering {
  /**
   * Lowers a fence whose freeze has ended. Resolves when writes pass again; what could not be removed in the time that
   * is left is removed in the background, and a `warning` tells. Never rejects. Concurrent calls share one removal.
   */
  lower(mark: FenceMark, freezeId?: string): Promise<void>
  /** Stops what is still going on in the background; other nodes find what is left. */
  close(): Promise<void>
}

/** What lowering needs. */
export interface FenceLoweringOptions {
  readonly backends: readonly FenceBackend[]
  readonly clock: Clock
  readonly events: EventHub
}

/** How long a thaw waits for objects that do no harm any more, and for those that still refuse writes. */
const PATIENCE_MS = { disarmed: 1000, armed: 10_000 } as const
const PAUSE_MS = { first: 250, longest: 60_000 } as const

/** Makes the lowering of one process. */
export function createFenceLowering(options: FenceLoweringOptions): FenceLowering {
  const { clock, events } = options
  const running = new Map<string, Promise<void>>()
  const closing = new AbortController()

  const warn = (mark: FenceMark, error: unknown): void => {
    const message = `the fence ${markName(mark)} could not be removed yet; trying again`
    events.emit('warning', { message, error })
  }
  const again = async (mark: FenceMark, freezeId: string | undefined): Promise<void> => {
    for (
      let pauseMs: number = PAUSE_MS.first;
      !closing.signal.aborted;
      pauseMs = Math.min(PAUSE_MS.longest, pauseMs * 2)
    ) {
      // Nobody waits for it, so it keeps no process alive; other nodes find what is left then.
      await new Promise<void>((resolve) => clock.schedule(pauseMs, resolve))
      if (closing.signal.aborted) return
      try {
        if (await removeFence(options, mark, freezeId)) return
      } catch (error) {
        warn(mark, error)
      }
    }
  }
  const lower = async (mark: FenceMark, freezeId: string | undefined): Promise<void> => {
    try {
      if (await removeFence(options, mark, freezeId)) return
      warn(mark, undefined)
    } catch (error) {
      warn(mark, error)
    }
    again(mark, freezeId).catch(() => {})
  }
  return {
    lower(mark, freezeId) {
      const name = markName(mark)
      const shared = running.get(name) ?? lower(mark, freezeId).finally(() => running.delete(name))
      running.set(name, shared)
      return shared
    },
    async close() {
      closing.abort()
      await Promise.allSettled(running.values())
    },
  }
}

/** One removal: writes first, then the objects; false when some of them had to stay for now. */
async function removeFence(
  { backends, clock, events }: FenceLoweringOptions,
  mark: FenceMark,
  freezeId: string | undefined,
): Promise<boolean> {
  let isGone = true
  for (const backend of backends) isGone = (await removeFrom(backend, { clock, events }, mark, freezeId)) && isGone
  return isGone
}

async function removeFrom(
  backend: FenceBackend,
  { clock, events }: Pick<FenceLoweringOptions, 'clock' | 'events'>,
  mark: FenceMark,
  freezeId: string | undefined,
): Promise<boolean> {
  const isHere = (await backend.standing()).find((one) => markName(one.mark) === markName(mark))
  if (isHere === undefined) return true
  const disarmed = backend.disarm !== undefined
  await backend.disarm?.(mark)
  const all = isHere.tables.length
  const tell = (done: number): void => {
    if (freezeId !== undefined) events.emit('fence', { freezeId, phase: 'lowering', done, all })
  }
  const busy = await inSteps<TableRef>({
    clock,
    pace: backend.pace,
    longestWaitMs: backend.pace.longestLowerMs,
    tables: isHere.tables,
    attempt: (tables, bound) => backend.lower(mark, tables, bound),
    untilMs: clock.monotonicMs() + (disarmed ? PATIENCE_MS.disarmed : PATIENCE_MS.armed),
    onProgress: tell,
  })
  return busy.length === 0 && (await backend.clear(mark)) === 'done'
}
