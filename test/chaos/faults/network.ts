import type { FaultProxy } from '@quiesce/test-servers'
import type { Fault, Strike } from './fault.ts'

const HELD_MS = 40
const OPEN_MS = 15

/** A fault of the way between one application and the database. */
function onTheWay(
  name: string,
  strike: (proxy: FaultProxy, writer: string) => Strike | Promise<Strike>,
  withHolder = false,
): Fault {
  return {
    name,
    mayLoseFreeze: withHolder,
    strike({ random, members, holder }) {
      const victim = random.pick(withHolder ? [holder] : members)
      return Promise.resolve(strike(victim.proxy, victim.name))
    },
  }
}

function latency(proxy: FaultProxy): Strike {
  let running = true
  const flap = async (): Promise<void> => {
    while (running) {
      proxy.pause()
      await new Promise((resolve) => setTimeout(resolve, HELD_MS))
      proxy.resume()
      await new Promise((resolve) => setTimeout(resolve, OPEN_MS))
    }
  }
  const flapping = flap()
  return {
    heal() {
      running = false
      return flapping
    },
  }
}

/** Faults that a TCP proxy makes. */
export const networkFaults: readonly Fault[] = [
  onTheWay('latency', latency),
  onTheWay('latency of the holder', latency, true),
  onTheWay('packets dropped', (proxy, writer) => {
    proxy.pause()
    return { mayBeLate: [writer], heal: async () => proxy.resume() }
  }),
  onTheWay('half-open connections', (proxy, writer) => {
    proxy.pause()
    return {
      mayBeLate: [writer],
      async heal() {
        proxy.reset()
        proxy.resume()
      },
    }
  }),
  onTheWay('connections reset', (proxy) => {
    proxy.reset()
    return { frozen: async () => proxy.reset(), heal: async () => proxy.reset() }
  }),
  onTheWay('connections refused', async (proxy) => {
    await proxy.refuse(true)
    proxy.reset()
    return { heal: () => proxy.refuse(false) }
  }),
  onTheWay('late bytes of a one-way partition', (proxy, writer) => {
    proxy.pauseUpstream()
    return { mayBeLate: [writer], frozen: async () => proxy.resume(), heal: async () => proxy.resume() }
  }),
  onTheWay('answers lost in a one-way partition', (proxy, writer) => {
    proxy.pauseDownstream()
    return { mayBeLate: [writer], heal: async () => proxy.resume() }
  }),
]
