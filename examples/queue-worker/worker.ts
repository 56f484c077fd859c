import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { type Cluster, isReadOnlyError } from '@quiesce/core'

const PAUSE_MS = 50

/** A worker that runs until it is stopped. */
export interface Worker {
  /** Whether it waits for the cluster to be writable again. */
  readonly isParked: boolean
  stop(): Promise<void>
}

/**
 * Does jobs, one after the other. While the cluster is not read-write it parks: it takes no job, and counts no failed
 * attempt for one that was refused on its way.
 */
export function startWorker(cluster: Cluster, doOne: () => Promise<boolean>): Worker {
  const stopping = new AbortController()
  const { signal } = stopping
  let isParked = false

  const park = async (): Promise<void> => {
    isParked = true
    const writable = new EventTarget()
    const stop = cluster.on('mode', ({ mode }) => mode === 'read-write' && writable.dispatchEvent(new Event('now')))
    // Asked after listening, so that no change is missed between the two.
    if (cluster.state.mode !== 'read-write') await once(writable, 'now', { signal }).catch(() => {})
    stop()
    isParked = false
  }
  const work = async (): Promise<void> => {
    while (!signal.aborted) {
      if (cluster.state.mode !== 'read-write') await park()
      else if (!(await attempt(doOne))) await delay(PAUSE_MS, undefined, { signal }).catch(() => {})
    }
  }
  const working = work()
  return {
    get isParked() {
      return isParked
    },
    async stop() {
      stopping.abort()
      await working
    },
  }
}

/** A refused job is back in the queue; the next look at the mode parks the worker. Other failures are its owner's. */
async function attempt(doOne: () => Promise<boolean>): Promise<boolean> {
  try {
    return await doOne()
  } catch (error) {
    if (isReadOnlyError(error)) return true
    throw error
  }
}
