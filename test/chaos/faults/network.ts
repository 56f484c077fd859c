import type { FaultProxy } from '@quiesce/test-servers'
import type { Member } from '../member.ts'
import type { Fault, Strike } from './fault.ts'

const HELD_MS = 40
const OPEN_MS = 15

/** A fault of the way between one application and the database, of heartbeats as well as of statements. */
function onTheWay(name: string, strike: (ways: Ways, writer: string) => Strike | Promise<Strike>): Fault {
  return {
    name,
    async strike({ random, members }) {
      const victim = random.pick(members)
      return strike(bothWays(victim), victim.name)
    },
  }
}

interface Ways extends Pick<FaultProxy, 'pause' | 'pauseUpstream' | 'pauseDownstream' | 'resume' | 'reset'> {
  refuse(refusing: boolean): Promise<void>
}

function bothWays({ proxy, control }: Member): Ways {
  const both = [proxy, control]
  const each = (what: 'pause' | 'pauseUpstream' | 'pauseDownstream' | 'resume' | 'reset') => () => {
    for (const one of both) one[what]()
  }
  return {
    pause: each('pause'),
    pauseUpstream: each('pauseUpstream'),
    pauseDownstream: each('pauseDownstream'),
    resume: each('resume'),
    reset: each('reset'),
    async refuse(refusing) {
      await Promise.all(both.map((one) => one.refuse(refusing)))
    },
  }
}

function latency(ways: Ways): Strike {
  let running = true
  const flap = async (): Promise<void> => {
    while (running) {
      ways.pause()
      await new Promise((resolve) => setTimeout(resolve, HELD_MS))
      ways.resume()
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
  {
    name: 'latency of the holder',
    mayLoseFreeze: true,
    strike: async ({ holder }) => latency(bothWays(holder)),
  },
  {
    // Its statements get through all the time: what holds it back is its own lease, and no excuse is taken.
    name: 'heartbeats cut off',
    async strike({ random, members }) {
      const { control } = random.pick(members)
      control.pause()
      return { heal: async () => control.resume() }
    },
  },
  {
    // A firewall that has forgotten them: nobody will ever answer, and nobody says so.
    name: 'heartbeats that fall silent for good',
    async strike({ random, members }) {
      const { control } = random.pick(members)
      control.strand()
      return { heal: async () => {}, cleanUp: () => control.reset() }
    },
  },
  onTheWay('packets dropped', (ways, writer) => {
    ways.pause()
    return { mayBeLate: [writer], heal: async () => ways.resume() }
  }),
  onTheWay('half-open connections', (ways, writer) => {
    ways.pause()
    return {
      mayBeLate: [writer],
      async heal() {
        ways.reset()
        ways.resume()
      },
    }
  }),
  onTheWay('connections reset', (ways) => {
    ways.reset()
    return { frozen: async () => ways.reset(), heal: async () => ways.reset() }
  }),
  onTheWay('connections refused', async (ways) => {
    await ways.refuse(true)
    ways.reset()
    return { heal: () => ways.refuse(false) }
  }),
  onTheWay('late bytes of a one-way partition', (ways, writer) => {
    ways.pauseUpstream()
    return { mayBeLate: [writer], frozen: async () => ways.resume(), heal: async () => ways.resume() }
  }),
  onTheWay('answers lost in a one-way partition', (ways, writer) => {
    ways.pauseDownstream()
    return { mayBeLate: [writer], heal: async () => ways.resume() }
  }),
]
