import { setTimeout as pause } from 'node:timers/promises'
import type { SqlExecutor } from '../../domain/executor.ts'
import { readRow } from '../row.ts'
import { errorNumberOf } from './errors.ts'

/** Bounds how long statements wait for locks, in milliseconds, where the server counts whole seconds. */
export interface Interrupter {
  /** Waits for a statement of a session, and interrupts it for as long as it waits for locks longer than this. */
  bound<T>(session: number, sql: string, lockWaitMs: number, running: Promise<T>): Promise<T>
}

const AGAIN_MS = 50
const NO_SUCH_THREAD = 1094

/** One look at a time for all statements, so that the control connections are left to the heartbeat. */
export function createInterrupter(executor: SqlExecutor): Interrupter {
  const overdue = new Map<number, string>()
  let isLooking = false
  const look = async (): Promise<void> => {
    while (overdue.size > 0) {
      const sessions = [...overdue.keys()]
      const rows = (await executor.execute(selectWaiting(sessions.length), sessions)).rows.map(readRow)
      for (const r of rows) {
        // A proxy may number sessions its own way: only one that runs this very statement is ours.
        const isOurs = overdue.get(r.number('id'))?.startsWith(r.text('beginning')) === true
        if (isOurs) await executor.execute(`KILL QUERY ${r.number('id')}`).catch(ignoreGone)
      }
      if (overdue.size > 0) await pause(AGAIN_MS)
    }
  }
  return {
    async bound(session, sql, lockWaitMs, running) {
      const timer = setTimeout(() => {
        overdue.set(session, sql)
        if (isLooking) return
        isLooking = true
        // Where a look fails, the server's own bound ends the wait.
        void look()
          .catch(() => {})
          .finally(() => {
            isLooking = false
          })
      }, lockWaitMs)
      try {
        return await running
      } finally {
        clearTimeout(timer)
        overdue.delete(session)
      }
    },
  }
}

/** Those that wait for locks, and not for the disk. */
function selectWaiting(sessions: number): string {
  return `SELECT ID AS id, LEFT(INFO, 64) AS beginning FROM information_schema.PROCESSLIST
    WHERE ID IN (${Array(sessions).fill('?').join(', ')}) AND STATE LIKE 'Waiting for %lock%' AND INFO IS NOT NULL`
}

function ignoreGone(error: unknown): void {
  if (errorNumberOf(error) !== NO_SUCH_THREAD) throw error
}
