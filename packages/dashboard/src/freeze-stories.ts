import type { RecordedEvent } from '@quiesce/core'

/** One freeze as the audit trail tells it. */
export interface FreezeStory {
  readonly id: string
  readonly reason: string
  readonly owner: string
  readonly begunAt: Date
  /** How long writes in flight were waited for, and the fence raised; until now while that goes on. */
  readonly drainMs: number
  /** How long the cluster was read-only by it; `undefined` where it never was, or while it drains. */
  readonly frozenMs: number | undefined
  /** How it ended; `undefined` while it is active. */
  readonly ended: 'thawed' | 'forced' | 'aborted' | 'holder-lost' | 'deadline' | 'state-lost' | undefined
}

/** Tells the freezes whose beginning the events hold, the newest first. Events come the newest first. */
export function freezeStories(events: readonly RecordedEvent[], now: Date): readonly FreezeStory[] {
  return events.filter(({ type }) => type === 'freeze-begun').map((begun) => storyOf(begun, events, now))
}

function storyOf(begun: RecordedEvent, events: readonly RecordedEvent[], now: Date): FreezeStory {
  const own = events.filter(({ freezeId }) => freezeId === begun.freezeId)
  const frozen = own.find(({ type }) => type === 'frozen')
  const ended = own.find(({ type }) => type === 'thawed')
  return {
    id: begun.freezeId ?? '',
    reason: String(begun.detail['reason'] ?? ''),
    owner: String(begun.detail['owner'] ?? ''),
    begunAt: begun.at,
    drainMs: Math.max(0, ((frozen ?? ended)?.at ?? now).getTime() - begun.at.getTime()),
    frozenMs: frozen && Math.max(0, (ended?.at ?? now).getTime() - frozen.at.getTime()),
    // The transition writes nothing else there.
    ended: ended?.detail['why'] as FreezeStory['ended'],
  }
}
