import { openSync, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from '@quiesce/core'
import type { Grant } from '../chaos/round.ts'
import { machineMs } from './attempt-log.ts'

/** Takes a lock over and over, asks whether it is held, and writes down what it was told; a later line replaces an earlier one. */
export function startLocking(cluster: Cluster, name: string, path: string): void {
  const file = openSync(path, 'a')
  const say = (grant: Grant): void => void writeSync(file, `${JSON.stringify(grant)}\n`)
  const once = async (): Promise<void> => {
    const lock = await cluster.lock(name, { leaseMs: 2000, retries: 0 })
    let grant: Grant = {
      lock: name,
      holder: cluster.state.nodeId,
      token: lock.token,
      grantedAt: machineMs(),
      lastHeldAt: undefined,
    }
    say(grant)
    try {
      for (let asked = 0; asked < 3; asked += 1) {
        await delay(Math.random() * 60)
        const askedAt = machineMs()
        await lock.assertHeld()
        grant = { ...grant, lastHeldAt: askedAt }
        say(grant)
      }
    } finally {
      await lock.release()
    }
  }
  const forever = async (): Promise<never> => {
    for (;;) {
      await once().catch(() => {})
      await delay(20 + Math.random() * 100)
    }
  }
  void forever()
}
