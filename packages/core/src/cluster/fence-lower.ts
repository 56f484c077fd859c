import type { Clock } from '../domain/clock.ts'
import type { FenceBackend, TableRef } from '../domain/fence.ts'
import { type FenceMark, markName } from '../domain/fence-mark.ts'
import type { EventHub } from './events.ts'
import { inSteps } from './fence-steps.ts'

/** Takes fences off again, whatever happens in between. */
export interface FenceLowering {
  /**
   * Lowers a fence whose freeze has ended. Resolves when writes pass again; what could not be removed in the time that
   * is left is removed in the background, and a `warning` tells, also when it still refuses writes. Never rejects. Concurrent calls share one removal.
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

/** What became of a fence: nothing is left; or objects are that refuse nothing; or it refuses as before. */
type Removal = 'gone' | 'inert' | 'armed'

/** How long a thaw waits for objects that do no harm any more, and for those that still refuse writes. */
const PATIENCE_MS = { disarmed: 1000, armed: 10_000 } as const
const PAUSE_MS = { first: 250, longest: 60_000 } as const

/** Makes the lowering of one process. */
export function createFenceLowering(options: FenceLoweringOptions): FenceLowering {
  const { clock, events } = options
  const running = new Map<string, Promise<void>>()
  const closing = new AbortController()

  const warn = (mark: FenceMark, removal: Removal, error?: unknown): void => {
    const message =
      removal === 'armed'
        ? `the fence ${markName(mark)} of a freeze that has ended still refuses writes, because transactions that stay open keep it; trying again`
        : `the fence ${markName(mark)} could not be removed yet; trying again`
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
        if ((await removeFence(options, mark, freezeId)) === 'gone') return
      } catch (error) {
        warn(mark, 'inert', error)
      }
    }
  }
  const lower = async (mark: FenceMark, freezeId: string | undefined): Promise<void> => {
    try {
      const removal = await removeFence(options, mark, freezeId)
      if (removal === 'gone') return
      warn(mark, removal)
    } catch (error) {
      warn(mark, 'inert', error)
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

/** One removal: writes first, then the objects; the worst that a backend could do. */
async function removeFence(
  { backends, clock, events }: FenceLoweringOptions,
  mark: FenceMark,
  freezeId: string | undefined,
): Promise<Removal> {
  let worst: Removal = 'gone'
  for (const backend of backends) {
    const removal = await removeFrom(backend, { clock, events }, mark, freezeId)
    if (removal === 'armed' || worst === 'gone') worst = removal
  }
  return worst
}

async function removeFrom(
  backend: FenceBackend,
  { clock, events }: Pick<FenceLoweringOptions, 'clock' | 'events'>,
  mark: FenceMark,
  freezeId: string | undefined,
): Promise<Removal> {
  const settled = (await backend.settle?.(mark)) !== 'busy'
  const isHere = (await backend.standing()).find((one) => markName(one.mark) === markName(mark))
  if (isHere === undefined) return settled ? 'gone' : 'inert'
  const all = isHere.tables.length
  const giveUpAtMs = clock.monotonicMs() + PATIENCE_MS.armed
  let busy: readonly TableRef[] = isHere.tables
  const tell = (done: number): void => {
    if (freezeId !== undefined) events.emit('fence', { freezeId, phase: 'lowering', done, all })
  }
  const disarm = async (): Promise<boolean> => (await backend.disarm?.(mark)) === 'done'
  const lowerBusy = async (): Promise<void> => {
    const before = all - busy.length
    busy = await inSteps<TableRef>({
      clock,
      pace: backend.pace,
      longestWaitMs: backend.pace.longestLowerMs,
      tables: busy,
      attempt: (tables, bound) => backend.lower(mark, tables, bound),
      untilMs: clock.monotonicMs() + PATIENCE_MS.disarmed,
      onProgress: (done) => tell(before + done),
    })
  }
  let isInert = await disarm()
  await lowerBusy()
  while (!isInert && busy.length > 0 && clock.monotonicMs() < giveUpAtMs) {
    isInert = await disarm()
    await lowerBusy()
  }
  if (busy.length > 0) return isInert ? 'inert' : 'armed'
  return (await backend.clear(mark)) === 'done' && settled ? 'gone' : 'inert'
}
