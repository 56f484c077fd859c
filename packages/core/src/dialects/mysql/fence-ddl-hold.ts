import type { SqlExecutor } from '../../domain/executor.ts'
import { type FenceMark, markName } from '../../domain/fence-mark.ts'
import { readRow } from '../row.ts'
import type { ServerLanguage } from './server.ts'
import { killConnection } from './session.ts'

/** Makes DDL wait while a fence stands: the lock that backup programs use, held by a connection of its own. */
export interface DdlHolds {
  /** The signal aborts when the hold ends otherwise than by `release`. */
  hold(mark: FenceMark, language: ServerLanguage): Promise<AbortSignal>
  /** Ends the hold of a fence, whichever process has it; harmless where there is none. */
  release(mark: FenceMark): Promise<void>
}

interface Hold {
  release(): void
  readonly ended: Promise<void>
}

/** How long the connection may be idle: as long as the server lets it. */
const IDLE_SECONDS = 31_536_000

/** The holds of one process; a connection that dies gives its hold up in the server too. */
export function createDdlHolds(executor: SqlExecutor): DdlHolds {
  const holds = new Map<string, Hold>()
  return {
    async hold(mark, language) {
      const name = markName(mark)
      const lost = new AbortController()
      const hold = await takeHold(executor, name, language, () => {
        if (holds.delete(name)) lost.abort()
      })
      holds.set(name, hold)
      return lost.signal
    },
    async release(mark) {
      const name = markName(mark)
      const own = holds.get(name)
      holds.delete(name)
      own?.release()
      await own?.ended
      const [row = {}] = (await executor.execute('SELECT IS_USED_LOCK(?) AS holder', [name])).rows
      const other = readRow(row).optionalNumber('holder')
      // A holder that was given up may be paused, and its connection as alive as ever.
      if (other !== undefined) await killConnection(executor, other)
    },
  }
}

/** The name says to others which connection it is. */
async function takeHold(
  executor: SqlExecutor,
  name: string,
  { ddlHold }: ServerLanguage,
  onEnd: () => void,
): Promise<Hold> {
  return new Promise((resolve, reject) => {
    const ended = executor.transaction(async (one) => {
      await one.execute(`SET SESSION wait_timeout = ${IDLE_SECONDS}`)
      await one.execute('SELECT GET_LOCK(?, 0)', [name])
      for (const sql of ddlHold.statements) await one.execute(sql)
      await new Promise<void>((release) => {
        one.lost.addEventListener('abort', () => release(), { once: true })
        resolve({ release, ended: ended.then(onEnd, onEnd) })
      })
    })
    ended.catch(reject)
  })
}
