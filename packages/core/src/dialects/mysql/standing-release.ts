import { setTimeout as pause } from 'node:timers/promises'
import type { SqlExecutor } from '../../domain/executor.ts'
import { readRow } from '../row.ts'

/** Lets everybody pass fences whose freeze has ended, while their entries cannot be removed. */
export interface Releases {
  /** Resolves when writes pass; also where another process has seen to it. */
  begin(key: string): Promise<void>
  /** The entry is removed. */
  end(key: string): void
}

/** After this time the fence refuses again, until the next attempt to remove the entry: what holds it is a connection. */
const LONGEST_MS = 60_000

/**
 * A write that was refused has locked the row until its transaction ends, and InnoDB reads nothing in a trigger without
 * locking it. So what lets writes pass is no row but a lock by name, which a connection of its own holds, and which ends
 * with that. Its name is a secret that stands in the row alone.
 */
export function createReleases(executor: SqlExecutor): Releases {
  const held = new Map<string, () => void>()
  return {
    async begin(key) {
      if (held.has(key)) return
      const over = new AbortController()
      held.set(key, () => over.abort())
      try {
        await hold(executor, key, over.signal, () => held.delete(key))
      } catch (error) {
        held.delete(key)
        throw error
      }
    },
    end: (key) => held.get(key)?.(),
  }
}

async function hold(executor: SqlExecutor, key: string, over: AbortSignal, onEnd: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = executor.transaction(async (one) => {
      const [row = {}] = (await one.execute('SELECT GET_LOCK(?, 0) AS got', [key])).rows
      resolve()
      if (readRow(row).optionalNumber('got') !== 1) return
      const signal = AbortSignal.any([over, one.lost])
      await pause(LONGEST_MS, undefined, { signal, ref: false }).catch(() => {})
    })
    ended.then(onEnd, (error: unknown) => {
      onEnd()
      reject(error)
    })
  })
}
