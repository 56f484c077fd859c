import { setTimeout as delay } from 'node:timers/promises'
import { openAttemptLog } from '../apps/attempt-log.ts'
import { insertEntry } from '../support/database.ts'
import type { RawConnection } from '../support/raw-connection.ts'
import { logsOf } from './member.ts'

/** A program without the library, as a cron job or a person with a client. */
export interface ForeignWriter {
  stop(): Promise<void>
}

const PAUSE_MS = 30

/** Writes without asking anybody. */
export function startForeignWriter(query: RawConnection['query'], directory: string): ForeignWriter {
  const log = openAttemptLog(logsOf(directory, 'foreign').attempts)
  let running = true
  const work = async (): Promise<void> => {
    while (running) {
      const id = crypto.randomUUID()
      const ended = log.begin([id])
      await query(insertEntry(id)).then(
        () => ended('acknowledged'),
        () => ended('unknown'),
      )
      await delay(PAUSE_MS)
    }
  }
  const done = work()
  return {
    stop() {
      running = false
      return done
    },
  }
}
