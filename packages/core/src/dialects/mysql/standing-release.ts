import type { SqlExecutor } from '../../domain/executor.ts'
import { readRow } from '../row.ts'

/** Lets everybody pass fences whose freeze has ended, while their entries cannot be removed. */
export interface Releases {
  /** Resolves when writes pass; also where another process has seen to it. Lasts until `end`, or for a minute. */
  begin(key: string): Promise<void>
  /** The entry is removed. */
  end(key: string): void
}

/** A little longer than the longest pause between two attempts to lower a fence, each of which begins it anew. */
const LASTS_MS = 65_000

interface Release {
  end(): void
  renew(): void
}

/**
 * A write that was refused has locked the row until its transaction ends, and InnoDB reads nothing in a trigger without
 * locking it. So what lets writes pass is no row but a lock by name, which a connection of its own holds, and which ends
 * with that. Its name is a secret that stands in the row alone.
 */
export function createReleases(executor: SqlExecutor): Releases {
  const held = new Map<string, Release>()
  return {
    async begin(key) {
      const release = held.get(key)
      if (release !== undefined) release.renew()
      else await hold(executor, key, held)
    },
    end: (key) => held.get(key)?.end(),
  }
}

async function hold(executor: SqlExecutor, key: string, held: Map<string, Release>): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = executor.transaction(async (one) => {
      const [row = {}] = (await one.execute('SELECT GET_LOCK(?, 0) AS got', [key])).rows
      if (readRow(row).optionalNumber('got') !== 1) return
      await new Promise<void>((end) => {
        const timer = setTimeout(end, LASTS_MS).unref()
        one.lost.addEventListener('abort', () => end(), { once: true })
        held.set(key, { end, renew: () => timer.refresh() })
        resolve()
      })
      held.delete(key)
    })
    ended.then(resolve, (error: unknown) => {
      held.delete(key)
      reject(error)
    })
  })
}
