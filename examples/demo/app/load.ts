import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isReadOnlyError } from '@quiesce/core'
import type { Progress } from './messages.ts'
import type { Writes } from './writes.ts'

const WORKERS = 4
const PAUSE_MS = 15

/** A steady load of protected and exempt writes. */
export interface Load {
  /** What happened since the last call. */
  take(): Progress
  stop(): Promise<void>
}

/** Starts the load; it goes on while writes are refused. */
export function startLoad(writes: Writes): Load {
  let running = true
  let counts = fresh()
  const ownCards: string[] = []

  const attempt = async (): Promise<void> => {
    const id = randomUUID()
    const card = ownCards[Math.floor(Math.random() * ownCards.length)] ?? id
    const dice = Math.random()
    if (dice < 0.3) {
      await writes.createCard(id)
      ownCards.push(id)
      counts.acknowledgedCards.push(id)
      counts.protectedWrites += 1
    } else if (dice < 0.5) {
      await writes.renameCard(card, `renamed ${id}`)
      counts.protectedWrites += 1
    } else if (dice < 0.75) {
      await writes.touchCard(card)
      counts.exemptWrites += 1
    } else {
      await writes.logIn(id)
      counts.exemptWrites += 1
    }
  }
  const work = async (): Promise<void> => {
    while (running) {
      await attempt().catch((error: unknown) => count(counts, error))
      await delay(PAUSE_MS)
    }
  }
  const works = Array.from({ length: WORKERS }, work)
  return {
    take() {
      const taken = counts
      counts = fresh()
      return taken
    },
    async stop() {
      running = false
      await Promise.all(works)
    },
  }
}

interface Counts {
  protectedWrites: number
  exemptWrites: number
  refusedByTable: Record<string, number>
  acknowledgedCards: string[]
  errors: string[]
}

const fresh = (): Counts => ({
  protectedWrites: 0,
  exemptWrites: 0,
  refusedByTable: {},
  acknowledgedCards: [],
  errors: [],
})

function count(counts: Counts, error: unknown): void {
  if (!isReadOnlyError(error)) {
    counts.errors.push(String(error))
    return
  }
  const table = error.table ?? error.operation
  counts.refusedByTable[table] = (counts.refusedByTable[table] ?? 0) + 1
}
